import type { CookieOptions, Request } from 'express';
import type { Store } from 'express-session';
import { MARKER } from './marker.js';
import { isPresented } from './presented-cookie.js';

/** A store as express-session leaves it: it makes sessions, too. */
export type SessionStore = Request['sessionStore'];

/** Whether express-session has put a session on the request. */
export function hasSession(req: Request): boolean {
  return Boolean(req.session);
}

/** Whether the session was on the request and somebody destroyed it (`req.session = null` does not). */
export function isDestroyed(req: Request): boolean {
  return !hasSession(req) && !('session' in req);
}

/** How the session's cookie is set; to be asked later, when the session may be gone. */
export function cookieOptions(req: Request): () => CookieOptions {
  const { cookie } = req.session;
  return () => {
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
  };
}

/** Whether the session holds anything of the application's. */
export function holdsData(req: Request): boolean {
  return Object.keys(req.session).some((name) => name !== 'cookie' && name !== MARKER);
}

/**
 * Whether express-session can work with what the store gave it. A cookie it cannot renew would make
 * it throw while it ends the response, and the request would hang.
 */
export function isReadable(req: Request): boolean {
  const cookie = req.session.cookie as Partial<typeof req.session.cookie & { serialize: unknown }> | undefined;
  const maxAge: unknown = cookie?.originalMaxAge || 0;
  const expires: unknown = cookie?.expires || undefined;
  return (
    typeof cookie?.serialize === 'function' &&
    typeof maxAge === 'number' &&
    (expires === undefined || (expires instanceof Date && !Number.isNaN(expires.getTime())))
  );
}

/** Writes the session to its store now, not at the end of the response. */
export function saveSession(req: Request): Promise<void> {
  return new Promise((resolve, reject) => {
    req.session.save((error: unknown) => (error ? reject(error) : resolve()));
  });
}

/** Deletes a session's row. */
export function destroyRow(store: Store, sessionId: string): Promise<void> {
  return new Promise((resolve, reject) => {
    store.destroy(sessionId, (error: unknown) => (error ? reject(error) : resolve()));
  });
}

/** Takes the signed-in user off the request, where `passport.session()` put it. */
export function forgetUser(req: Request): void {
  delete (req as { user?: unknown }).user;
}

/** What the session holds of the application's. */
function sessionData(req: Request): Record<string, unknown> {
  const { cookie: _cookie, [MARKER]: _marker, ...data } = req.session as unknown as Record<string, unknown>;
  return data;
}

/**
 * Gives the request a session under a new id that holds `data`. Nothing is stored, and no cookie is
 * sent, before somebody saves it.
 */
export function putSession(req: Request, store: SessionStore, data: Record<string, unknown> = {}): void {
  store.generate(req);
  Object.assign(req.session, data);
}

/** Gives the request's session, with its data and the lifetime of its cookie, a new id. */
export function moveSession(req: Request, store: SessionStore): void {
  const { originalMaxAge } = req.session.cookie;
  putSession(req, store, sessionData(req));
  // A cookie that ends with the browser ("remember me" left out) has null or false here.
  req.session.cookie.maxAge = originalMaxAge as number;
}

/** Takes the session off the request: nothing is stored and no cookie is sent. */
export function detachSession(req: Request): void {
  delete (req as Partial<Request>).session;
  delete (req as Partial<Request>).sessionID;
}

/** The same for a session that was made for this request only: its client has none to come back to. */
export function detachNewSession(req: Request, cookieName: string): void {
  if (hasSession(req) && !isPresented(req, req.sessionID, cookieName)) detachSession(req);
}
