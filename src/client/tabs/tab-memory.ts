import { attempt, parse } from '../attempt.js';
import type { Reason } from '../../policy/reason.js';
import type { SessionSnapshot } from '../state/snapshot.js';

/** The last session that this tab has shown, and why it ended, if this tab knows that. */
export interface TabMemory {
  readonly session: string | null;
  readonly reason: Reason | null;
}

const NAME = 'session-timeout:tab';

/** Returns what this tab remembers, or `undefined` if it has shown no session or its storage is blocked. */
export function recallTab(): TabMemory | undefined {
  return attempt(() => parse<TabMemory>(sessionStorage[NAME] as string));
}

/** Remembers it for a page that the Back button shows. A session that nothing ends is not remembered. */
export function rememberTab({ session, reason, expiresIn }: TabMemory & Pick<SessionSnapshot, 'expiresIn'>): void {
  if (session && (reason ?? expiresIn) !== null)
    attempt(() => (sessionStorage[NAME] = JSON.stringify({ session, reason })));
}
