import type { HttpSession } from '../../express-session/http-session.js';
import type { Settings } from '../../options/settings.js';
import type { LiveSession, RequestState } from './request-session.js';

/** Milliseconds since the user of a request's session last authenticated. */
export function authAgeOf({ http }: Pick<RequestState, 'http'>, { authAt }: LiveSession, settings: Settings): number {
  return (http.exists ? authAgeInData(http, settings) : undefined) ?? Math.max(0, settings.clock.now() - authAt);
}

/**
 * The same, from the data of a session; `undefined` if the data does not say it. A value that is not a date counts as
 * never.
 */
export function authAgeInData(
  session: Pick<HttpSession, 'data'>,
  { authenticatedAt, clock }: Pick<Settings, 'authenticatedAt' | 'clock'>,
): number | undefined {
  const at: unknown = authenticatedAt?.(session.data);
  if (at === undefined || at === null) return undefined;
  const time = at instanceof Date ? at.getTime() : NaN;
  return Number.isNaN(time) ? Infinity : Math.max(0, clock.now() - time);
}
