import { attempt, parse } from '../attempt.js';
import type { Reason } from '../../policy/reason.js';

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

/** Remembers a session for pages that are shown again by the Back button. */
export function rememberTab({ session, reason }: TabMemory): void {
  if (session) attempt(() => (sessionStorage[NAME] = JSON.stringify({ session, reason })));
}
