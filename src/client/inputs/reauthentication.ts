import { isSafeReturnTo } from '../../wire/return-path.js';
import { attempt } from '../attempt.js';
import { pagePath } from './page-path.js';

/** The answer to a request that was refused because its user has to authenticate again. The session goes on. */
export interface Reauthentication {
  /** How long ago the user may have authenticated, in milliseconds. */
  readonly maxAge: number;
  /** How long ago the user did authenticate, in milliseconds; `null` for never. */
  readonly authAge: number | null;
  /**
   * Where to authenticate again. The URL contains this page as `returnTo`. It is `undefined` without the option
   * `reauthenticateAt`. Visitors are led to `redirectTo`.
   */
  readonly url: string | undefined;
}

/**
 * Returns what the server says if it has refused a request because the user has to authenticate again
 * (`@RequireFreshAuth()`). The session goes on, so the client neither covers nor leaves the page.
 *
 * @param answer the response of `fetch`, or the body of an answer as other libraries return it. The body of a response
 *   stays unread
 * @returns `undefined` for every other answer, and for an answer from another origin
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

/** An answer from another origin could lead anywhere. */
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
  const here = pagePath();
  if (isSafeReturnTo(here) && !url.searchParams.has('returnTo')) url.searchParams.set('returnTo', here);
  return url.href;
}
