import { attempt, parse } from '../attempt.js';
import type { Reason } from '../../policy/reason.js';
import type { SessionSnapshot } from '../state/snapshot.js';

/** The last session that this tab has shown, and why it ended, if this tab knows that. */
export interface TabMemory {
  readonly session: string | null;
  readonly reason: Reason | null;
}

/** Each application of an origin has sessions of its own. */
const nameOf = (own: string): string => 'session-timeout:' + own;

/**
 * Returns what this tab remembers of the application with these routes, or `undefined` if it has shown no session or its
 * storage is blocked.
 *
 * @param own the URL of the package's routes
 */
export function recallTab(own: string): TabMemory | undefined {
  return attempt(() => parse<TabMemory>(sessionStorage[nameOf(own)] as string));
}

/** Remembers it for a page that the Back button shows. A session that nothing ends is not remembered. */
export function rememberTab(
  own: string,
  { session, reason, expiresIn }: TabMemory & Pick<SessionSnapshot, 'expiresIn'>,
): void {
  if (session && (reason || expiresIn !== null))
    attempt(() => (sessionStorage[nameOf(own)] = JSON.stringify({ session, reason })));
}
