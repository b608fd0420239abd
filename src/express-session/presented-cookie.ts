import { parse } from 'cookie';
import type { IncomingMessage } from 'node:http';

const LONGEST_ID = 256;

/**
 * The session id that a request's cookie names, whether or not such a session exists. Its signature is not checked, so
 * it may serve to say why a session is gone, and never to change anything. Only a request that came before its store
 * was taken over needs it; of others it is known which session express-session has looked for.
 */
export function presentedSessionId(req: IncomingMessage, cookieName: string): string | undefined {
  const value = cookiesOf(req)[cookieName];
  if (!value?.startsWith('s:')) return undefined;
  const id = value.slice(2, Math.max(2, value.lastIndexOf('.')));
  return id.length > 0 && id.length <= LONGEST_ID ? id : undefined;
}

/** Whether the cookie of this name names the session with this id. */
export function isPresented(req: IncomingMessage, sessionId: string, cookieName: string): boolean {
  return cookiesOf(req)[cookieName]?.startsWith(`s:${sessionId}.`) ?? false;
}

/** The name of the cookie that brought the session with this id, if a cookie did. */
export function nameOfCookie(req: IncomingMessage, sessionId: string): string | undefined {
  return Object.entries(cookiesOf(req)).find(([, value]) => value?.startsWith(`s:${sessionId}.`))?.[0];
}

/** Whether a request brings a signed cookie, as those of sessions are, under whatever name. */
export function presentsSignedCookie(req: IncomingMessage): boolean {
  return Object.values(cookiesOf(req)).some((value) => value?.startsWith('s:') && value.includes('.'));
}

function cookiesOf(req: IncomingMessage): Record<string, string | undefined> {
  return parse(req.headers.cookie ?? '');
}
