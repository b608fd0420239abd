import { parse } from 'cookie';
import type { IncomingMessage } from 'node:http';

const LONGEST_ID = 256;

/**
 * The session id a request's cookie names, whether or not such a session exists. Its signature is
 * not checked: good for asking why a session is gone, never for changing anything.
 */
export function presentedSessionId(req: IncomingMessage, cookieName: string): string | undefined {
  const value = presentedCookie(req, cookieName);
  if (!value?.startsWith('s:')) return undefined;
  const id = value.slice(2, value.lastIndexOf('.'));
  return id.length > 0 && id.length <= LONGEST_ID ? id : undefined;
}

/** Whether the request's cookie names this very session. express-session has checked the signature of its own. */
export function isPresented(req: IncomingMessage, sessionId: string, cookieName: string): boolean {
  return presentedCookie(req, cookieName)?.startsWith(`s:${sessionId}.`) ?? false;
}

/** Whether a request brings a session cookie, good or bad. */
export function presentsCookie(req: IncomingMessage, cookieName: string): boolean {
  return presentedCookie(req, cookieName) !== undefined;
}

function presentedCookie(req: IncomingMessage, cookieName: string): string | undefined {
  const header = req.headers.cookie;
  return header?.includes(cookieName) ? parse(header)[cookieName] : undefined;
}

/** The name of the cookie that brought the session with this id, if a cookie did. */
export function nameOfCookie(req: IncomingMessage, sessionId: string): string | undefined {
  const cookies = Object.entries(parse(req.headers.cookie ?? ''));
  return cookies.find(([, value]) => value?.startsWith(`s:${sessionId}.`))?.[0];
}
