import type { CookieOptions } from 'express';
import type { Session } from 'express-session';

export type SessionCookie = Session['cookie'];

/** How a session's cookie is set, so that it can be cleared. */
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

/** Gives a session's cookie the attributes of another, and a lifetime of the same length that begins now. */
export function copyCookie(from: SessionCookie, to: SessionCookie): void {
  for (const name of ATTRIBUTES) {
    if (name in from) Object.assign(to, { [name]: from[name as keyof SessionCookie] });
  }
  // A cookie that ends with the browser ("remember me" left out) has null or false here.
  to.maxAge = from.originalMaxAge as number;
}

/** Whether express-session can work with a cookie. It would throw at others, and the request would hang. */
export function isUsableCookie(cookie: unknown): cookie is SessionCookie {
  const { serialize, originalMaxAge, expires } = (cookie ?? {}) as Partial<SessionCookie & { serialize: unknown }>;
  const isTime = !expires || (expires instanceof Date && !Number.isNaN(expires.getTime()));
  return typeof serialize === 'function' && typeof (originalMaxAge || 0) === 'number' && isTime;
}

/** The attributes of a cookie as text, to see whether somebody has changed them. Its lifetime is left out. */
export function attributesOf(cookie: SessionCookie): string {
  const { path, domain, secure, httpOnly, sameSite, partitioned, priority } = cookie as CookieOptions;
  return `${path} ${domain} ${secure} ${httpOnly} ${sameSite} ${partitioned} ${priority}`;
}

/** Whether two lifetimes are different. express-session measures its own anew, which takes a moment. */
export function isOtherLifetime(one: unknown, other: unknown): boolean {
  if (typeof one !== 'number' || typeof other !== 'number') return one !== other;
  return Math.abs(one - other) > 1000;
}
