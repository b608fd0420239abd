import type { CookieOptions, Request } from 'express';
import type { Session } from 'express-session';
import { type Marker, MARKER, markerText, parseMarker } from './marker.js';
import { isPresented, nameOfCookie } from './presented-cookie.js';
import { rawStore } from './guarded-store.js';
import { sessionKey } from './session-key.js';

/** What a session shows of express-session's own settings. */
export interface SessionSetup {
  readonly storeName: string;
  readonly maxAge: unknown;
  readonly sameSite: boolean | string | undefined;
  readonly secure: boolean | string | undefined;
}

export type SessionCookie = Session['cookie'];

type Data = Record<string, unknown>;

/**
 * The session on a request, and the user that `passport.session()` put beside it. Nothing outside of this
 * folder touches either. It is a view: whatever it says is read off the request at that moment.
 */
export class HttpSession {
  constructor(private readonly req: Request) {}

  /** Whether express-session has put a session on the request. */
  get exists(): boolean {
    return Boolean(this.req.session);
  }

  /** Whether there was a session and somebody destroyed it (`req.session = null` does not). */
  get isDestroyed(): boolean {
    return !this.exists && !('session' in this.req);
  }

  get id(): string {
    return this.req.sessionID;
  }

  /** What stands for the session in ledger, events and logs. */
  get key(): string {
    return sessionKey(this.req.sessionID);
  }

  /** Whether the session holds anything of the application's. */
  get holdsData(): boolean {
    return Object.keys(this.req.session).some((name) => name !== 'cookie' && name !== MARKER);
  }

  /**
   * Whether express-session can work with what the store gave it. It would throw over a cookie that it cannot
   * renew while it ends the response, and the request would hang.
   */
  get isReadable(): boolean {
    const { session } = this.req;
    const cookie = session.cookie as Partial<typeof session.cookie & { serialize: unknown }> | undefined;
    const maxAge: unknown = cookie?.originalMaxAge || 0;
    const expires: unknown = cookie?.expires || undefined;
    return (
      typeof cookie?.serialize === 'function' &&
      typeof maxAge === 'number' &&
      (expires === undefined || (expires instanceof Date && !Number.isNaN(expires.getTime())))
    );
  }

  /** What the session shows of express-session's settings. */
  get setup(): SessionSetup {
    const { originalMaxAge, sameSite, secure } = this.req.session.cookie;
    return { storeName: this.req.sessionStore.constructor.name, maxAge: originalMaxAge, sameSite, secure };
  }

  /** Whether the request's cookie names this very session. */
  isPresented(cookieName: string): boolean {
    return isPresented(this.req, this.req.sessionID, cookieName);
  }

  /** The name of the cookie that brought this session, if a cookie did. */
  get cookieThatBroughtIt(): string | undefined {
    return nameOfCookie(this.req, this.req.sessionID);
  }

  /** The session's cookie, to be asked for its options when the session may be gone. */
  get cookie(): SessionCookie {
    return this.req.session.cookie;
  }

  /**
   * The marker of this very session: `undefined` if it has none, or that of another session, which was
   * copied; `'malformed'` if what stands there cannot be one.
   */
  readMarker(key: string): Marker | 'malformed' | undefined {
    return parseMarker((this.req.session as unknown as Data)[MARKER], key);
  }

  /** Puts the marker of the session with this key into it; it is for the caller to save it. */
  writeMarker(key: string, marker: Marker): void {
    (this.req.session as unknown as Data)[MARKER] = markerText(key, marker);
  }

  /** Whether `passport.session()` has put a signed-in user on the request. */
  get hasUser(): boolean {
    return Boolean((this.req as { user?: unknown }).user);
  }

  /** Takes that user off the request. */
  forgetUser(): void {
    delete (this.req as { user?: unknown }).user;
  }

  /** Writes the session to its store now, not at the end of the response. */
  save(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.req.session.save((error: unknown) => (error ? reject(error) : resolve()));
    });
  }

  /**
   * Gives the request a session under a new id that holds `data`. Nothing is stored, and no cookie is sent,
   * before somebody saves it.
   */
  replace(data: Data = {}): void {
    rawStore(this.req.sessionStore).generate(this.req);
    Object.assign(this.req.session, data);
  }

  /** Gives the session, with its data and the lifetime of its cookie, a new id. */
  move(): void {
    const {
      cookie,
      [MARKER]: _marker,
      ...data
    } = this.req.session as unknown as Data & Pick<Request['session'], 'cookie'>;
    const { originalMaxAge } = cookie;
    this.replace(data);
    // A cookie that ends with the browser ("remember me" left out) has null or false here.
    this.req.session.cookie.maxAge = originalMaxAge as number;
  }

  /** Takes the session off the request: nothing is stored and no cookie is sent. */
  detach(): void {
    delete (this.req as Partial<Request>).session;
    delete (this.req as Partial<Request>).sessionID;
  }

  /** The same for a session that was made for this request only: its client has none to come back to. */
  detachIfNew(cookieName: string): void {
    if (this.exists && !this.isPresented(cookieName)) this.detach();
  }

  /** Deletes the row of a session, this one's or that of one before it, from the request's store. */
  deleteRow(sessionId: string): Promise<void> {
    return new Promise((resolve, reject) => {
      rawStore(this.req.sessionStore).destroy(sessionId, (error: unknown) => (error ? reject(error) : resolve()));
    });
  }
}

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

/** Whether express-session was at work on a request that has no session, and which session it was about. */
export function unreadSession(req: Request, cookieName: string): HttpSession | undefined {
  const session = new HttpSession(req);
  const isAbout = !session.exists && Boolean(req.sessionStore) && typeof req.sessionID === 'string';
  return isAbout && session.isPresented(cookieName) ? session : undefined;
}
