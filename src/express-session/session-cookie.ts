import type { CookieOptions, Request } from 'express';
import type { Session } from 'express-session';

export type SessionCookie = Session['cookie'];

/** Returns the options of a session's cookie, which are needed to clear it. */
export function cookieOptions(cookie: SessionCookie): CookieOptions {
  const { path, domain, secure, httpOnly, sameSite, partitioned } = cookie as CookieOptions;
  const options = {
    path: path ?? '/',
    domain,
    secure: Boolean(secure),
    httpOnly: httpOnly !== false,
    sameSite,
    partitioned,
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined && value !== null));
}

const ATTRIBUTES = ['path', 'domain', 'secure', 'httpOnly', 'sameSite', 'partitioned', 'priority'] as const;

/** Whether a browser may have sent a request over https. express-session can trust a proxy although Express does not. */
export function mayBeSecure({ secure, headers }: Pick<Request, 'secure' | 'headers'>): boolean {
  return secure || /^\s*https\s*(,|$)/i.test(String(headers['x-forwarded-proto']));
}

/**
 * Copies the attributes of a session's cookie to another cookie. The lifetime has the same length, and begins now.
 *
 * @param staysSecure whether the other cookie stays `Secure` if it is, because the browser will get it over https
 */
export function copyCookie(from: SessionCookie, to: SessionCookie, staysSecure = false): void {
  const { secure, sameSite } = to;
  for (const name of ATTRIBUTES) {
    if (name in from) Object.assign(to, { [name]: from[name as keyof SessionCookie] });
  }
  // With `secure: 'auto'` and `sameSite: 'auto'`, the session may have begun over plain http.
  if (staysSecure && secure === true && !from.secure) {
    to.secure = true;
    if (sameSite === 'none' && from.sameSite === 'lax') to.sameSite = 'none';
  }
  // A cookie that ends with the browser has null or false here.
  to.maxAge = from.originalMaxAge as number;
}

/** Whether express-session can work with a cookie. With others, it would throw, and the request would hang. */
export function isUsableCookie(cookie: unknown): cookie is SessionCookie {
  const { serialize, originalMaxAge, expires } = (cookie ?? {}) as Partial<SessionCookie & { serialize: unknown }>;
  const isTime = !expires || (expires instanceof Date && !Number.isNaN(expires.getTime()));
  return typeof serialize === 'function' && typeof (originalMaxAge || 0) === 'number' && isTime;
}

/** A copy of a session's cookie at one time, to find out whether somebody has changed it, and to undo this. */
export class CookieSnapshot {
  private readonly maxAge: unknown;
  private readonly before: Readonly<Record<(typeof ATTRIBUTES)[number], unknown>>;

  constructor(private readonly cookie: SessionCookie) {
    const { path, domain, secure, httpOnly, sameSite, partitioned, priority } = cookie as CookieOptions;
    this.before = { path, domain, secure, httpOnly, sameSite, partitioned, priority };
    this.maxAge = cookie.originalMaxAge;
  }

  isOf(cookie: SessionCookie): boolean {
    if (cookie !== this.cookie || !isSameLifetime(cookie.originalMaxAge, this.maxAge)) return false;
    const { before } = this;
    const now = cookie as CookieOptions;
    return ATTRIBUTES.every((name) => now[name] === before[name]);
  }

  /** Returns the cookie as it was. Other code may have changed the cookie itself, or what is in it. */
  restored(): SessionCookie {
    const cookie = Object.create(Object.getPrototypeOf(this.cookie) as object) as SessionCookie;
    Object.assign(cookie, this.before);
    // A cookie that ends with the browser has null, false or nothing here.
    cookie.maxAge = typeof this.maxAge === 'number' ? this.maxAge : (null as never);
    return cookie;
  }
}

/** express-session measures the lifetime again, which takes a moment. */
function isSameLifetime(one: unknown, other: unknown): boolean {
  return typeof one === 'number' && typeof other === 'number' ? Math.abs(one - other) <= 1000 : one === other;
}
