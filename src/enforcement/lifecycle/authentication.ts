import type { HttpSession } from '../../express-session/http-session.js';
import type { Settings } from '../../options/settings.js';
import { shown } from '../../options/shown.js';
import { log } from '../timelines/events/log.js';
import type { LiveSession, RequestState } from './request-session.js';
import { MINUTE } from '../../policy/time.js';

/**
 * How far the clock of a provider may be ahead of ours, in milliseconds. A time that is further in the future is ignored:
 * the user would count as just authenticated until it has come.
 */
const TOLERANCE = 5 * MINUTE;

/** Milliseconds since the user of a request's session last authenticated. */
export function authAgeOf(
  { http, hasOldData }: Pick<RequestState, 'http' | 'hasOldData'>,
  { authAt }: LiveSession,
  settings: Settings,
): number {
  const isInData = settings.authenticatedAt && http.exists && !hasOldData;
  const inData = isInData ? signedAge(http, settings) : undefined;
  const isKnown = inData !== undefined && inData >= -TOLERANCE;
  return Math.max(0, isKnown ? inData : settings.clock.now() - authAt);
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
  if (!Number.isNaN(time)) return clock.now() - time;
  // The user would be asked for the password again and again.
  log.warnOnce(
    authenticatedAt as object,
    `authenticatedAt has returned ${shown(at)} instead of a date, which counts as never. Stores keep dates as ` +
      'text. Return new Date(…) of what is stored in the session.',
  );
  return Infinity;
}
