import { isSafeReturnTo } from '../../wire/return-path.js';
import { attempt } from '../attempt.js';

/** The answer to a request that was refused because its user has to prove again who they are. The session goes on. */
export interface Reauthentication {
  /** How old the last proof may be, in milliseconds. */
  readonly maxAge: number;
  /** How old it is, in milliseconds; `null` if there is none. */
  readonly authAge: number | null;
  /** Where to prove it, with the way back to this page; `undefined` without the option `reauthenticateAt`. */
  readonly url: string | undefined;
}

/**
 * Tells whether the server has refused a request because its user has to prove again who they are (`@RequireFreshAuth()`).
 * Such an answer is no end: the client neither covers nor leaves the page.
 *
 * @param answer the response of `fetch`, whose body stays unread, or its body, as other libraries give it
 * @returns `undefined` for every other answer, and for one of another origin
 *
 * @example
 * const response = await fetch('/iban', { method: 'PUT', body });
 * const stale = await reauthentication(response);
 * if (stale?.url) location.assign(stale.url);
 */
export async function reauthentication(answer: unknown): Promise<Reauthentication | undefined> {
  const problem = (answer instanceof Response ? await problemIn(answer) : answer) as
    Partial<Problem> | null | undefined;
  if (problem?.code !== 'REAUTHENTICATION_REQUIRED') return undefined;
  const { maxAge, authAge, loginUrl } = problem;
  return {
    maxAge: Number(maxAge) * 1000,
    authAge: typeof authAge === 'number' ? authAge * 1000 : null,
    url: withWayBack(loginUrl),
  };
}

interface Problem {
  readonly code: string;
  readonly maxAge: unknown;
  readonly authAge: unknown;
  readonly loginUrl: unknown;
}

/** Another origin could lead anywhere. */
async function problemIn(response: Response): Promise<unknown> {
  const isOwn = !response.url || new URL(response.url).origin === location.origin;
  return isOwn && response.status === 403 && !response.bodyUsed
    ? response
        .clone()
        .json()
        .catch(() => undefined)
    : undefined;
}

function withWayBack(loginUrl: unknown): string | undefined {
  const url = attempt(() => new URL(String(loginUrl), location.href));
  if (typeof loginUrl !== 'string' || !url || !/^https?:$/.test(url.protocol)) return undefined;
  const here = location.pathname + location.search;
  if (isSafeReturnTo(here) && !url.searchParams.has('returnTo')) url.searchParams.set('returnTo', here);
  return url.href;
}
