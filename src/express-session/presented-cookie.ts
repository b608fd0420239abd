import { parse } from 'cookie';
import type { Response } from 'express';
import type { IncomingMessage } from 'node:http';

const LONGEST_ID = 256;

/**
 * Returns the session id in the cookie of a request, whether or not such a session exists. The signature is not
 * checked. So use the id only to say why a session is gone, and never to change anything. Only a request that came
 * before its store was taken over needs this. For other requests, we know which session express-session has looked for.
 */
export function presentedSessionId(req: IncomingMessage, cookieName: string): string | undefined {
  const value = cookiesOf(req)[cookieName];
  if (!value?.startsWith('s:')) return undefined;
  const id = value.slice(2, Math.max(2, value.lastIndexOf('.')));
  return id.length > 0 && id.length <= LONGEST_ID ? id : undefined;
}

/** Whether the cookie with this name contains this session id. */
export function isPresented(req: IncomingMessage, sessionId: string, cookieName: string): boolean {
  return cookiesOf(req)[cookieName]?.startsWith(`s:${sessionId}.`) ?? false;
}

/** Returns the name of the cookie that contains this session id, if there is one. */
export function nameOfCookie(req: IncomingMessage, sessionId: string): string | undefined {
  return Object.entries(cookiesOf(req)).find(([, value]) => value?.startsWith(`s:${sessionId}.`))?.[0];
}

/** Whether an answer clears the cookie in which its request names this session, for example by `res.clearCookie()`. */
export function clearsCookieOf(res: Response, sessionId: string | undefined): boolean {
  const name = sessionId === undefined ? undefined : nameOfCookie(res.req, sessionId);
  return name !== undefined && answeredCookies(res).some((cookie) => cookie.startsWith(`${name}=;`));
}

/** Whether an answer sets or clears the cookie with this name. */
export function answersCookie(res: Response, name: string): boolean {
  return answeredCookies(res).some((cookie) => cookie.startsWith(`${name}=`));
}

/** Whether an answer sets the cookie with this name to this session id. */
export function setsCookie(res: Response, name: string, sessionId: string): boolean {
  const value = encodeURIComponent(`s:${sessionId}.`);
  return answeredCookies(res).some((cookie) => cookie.startsWith(`${name}=${value}`));
}

/** Whether a request has a signed cookie with any name. Session cookies are signed. */
export function presentsSignedCookie(req: IncomingMessage): boolean {
  return Object.values(cookiesOf(req)).some((value) => value?.startsWith('s:') && value.includes('.'));
}

function cookiesOf(req: IncomingMessage): Record<string, string | undefined> {
  return parse(req.headers.cookie ?? '');
}

function answeredCookies(res: Response): readonly string[] {
  return [res.getHeader('Set-Cookie') ?? []].flat() as string[];
}
