import type { HttpSession } from '../../express-session/http-session.js';
import type { Settings } from '../../options/settings.js';
import type { LiveSession, RequestState } from './request-session.js';

/** Milliseconds since the user of a request's session last authenticated. */
export function authAgeOf(
  { http, hasOldData }: Pick<RequestState, 'http' | 'hasOldData'>,
  { authAt }: LiveSession,
  settings: Settings,
): number {
  const inData = http.exists && !hasOldData ? signedAge(http, settings) : undefined;
  // A time in the future comes from a wrong clock. Otherwise, it would be fresh until it has come.
  return inData === undefined || inData < 0 ? Math.max(0, settings.clock.now() - authAt) : inData;
}

/**
 * The same when a session begins, from its data; `undefined` if the data does not say it. A value that is not a date
 * counts as never, and a time in the future as now.
 */
export function authAgeInData(
  session: Pick<HttpSession, 'data'>,
  settings: Pick<Settings, 'authenticatedAt' | 'clock'>,
): number | undefined {
  const age = signedAge(session, settings);
  return age === undefined ? undefined : Math.max(0, age);
}

/** Below zero for a time in the future. */
function signedAge(
  { data }: Pick<HttpSession, 'data'>,
  { authenticatedAt, clock }: Pick<Settings, 'authenticatedAt' | 'clock'>,
): number | undefined {
  const at: unknown = authenticatedAt?.(data);
  if (at === undefined || at === null) return undefined;
  const time = at instanceof Date ? at.getTime() : NaN;
  return Number.isNaN(time) ? Infinity : clock.now() - time;
}
