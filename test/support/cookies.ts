import type { Response } from 'supertest';
import type { TestApp } from './app.js';

/** The `Set-Cookie` headers of an answer. */
export function setCookies(response: Response): string[] {
  return [response.headers['set-cookie'] ?? []].flat();
}

/** The session cookie that an answer hands out, as a browser sends it back. */
export function sessionCookie(response: Response): string {
  const cookies = setCookies(response).filter((cookie) => cookie.startsWith('connect.sid=s'));
  if (cookies.length !== 1) throw new Error(`expected one session cookie, got: ${setCookies(response).join('\n')}`);
  return String(cookies[0]).split(';', 1)[0] as string;
}

/** The session cookie that a browser sends after an answer. It sent `before` with the request. */
export function cookieAfter(answer: Response, before: string | undefined): string | undefined {
  const cookies = setCookies(answer).filter((cookie) => cookie.startsWith('connect.sid='));
  expect(cookies.length).toBeLessThanOrEqual(1);
  const [cookie] = cookies;
  if (cookie === undefined) return before;
  return cookie.startsWith('connect.sid=;') ? undefined : cookie.split(';', 1)[0];
}

/** The session id that a cookie names. */
export function sessionIdOf(cookie: string): string {
  return /s%3A(.+?)\./.exec(cookie)?.[1] as string;
}

/** Whether the store holds a row for the session that a cookie names. */
export function hasRow({ store }: Pick<TestApp, 'store'>, cookie: string): boolean {
  return sessionIdOf(cookie) in store.sessions;
}

/** Whether an answer takes the session cookie away. */
export function clearsCookie(response: Response): boolean {
  return setCookies(response).some((cookie) => /^connect\.sid=;.*Expires=Thu, 01 Jan 1970/.test(cookie));
}
