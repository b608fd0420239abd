import { attempt, parse } from '../attempt.js';
import type { Reason } from '../../policy/reason.js';
import type { SessionSnapshot } from '../state/snapshot.js';

/**
 * The last session that this tab has shown, and why it ended, if this tab knows that. Its name in the storage is the URL of
 * the package's routes, because each application of an origin has sessions of its own. The messages between tabs must have
 * another name: frames share this storage with their page, and hear of its changes by the same event.
 */
export interface TabMemory {
  readonly session: string | null;
  readonly reason: Reason | null;
}

/**
 * Returns what this tab remembers of the application with these routes, or `undefined` if it has shown no session or its
 * storage is blocked.
 *
 * @param own the URL of the package's routes
 */
export function recallTab(own: string): TabMemory | undefined {
  return attempt(() => parse<TabMemory>(sessionStorage[own] as string));
}

/** Remembers it for a page that the Back button shows. A session that nothing ends is not remembered. */
export function rememberTab(
  own: string,
  { session, reason, expiresIn }: TabMemory & Pick<SessionSnapshot, 'expiresIn'>,
): void {
  if (session && (reason || expiresIn !== null))
    attempt(() => (sessionStorage[own] = JSON.stringify({ session, reason })));
}
