import type { Reason } from '../../policy/reason.js';

/** The last session whose pages this tab has shown, and why it ended, if this tab knows. */
export interface TabMemory {
  readonly session: string | null;
  readonly reason: Reason | null;
}

const NAME = 'session-timeout:tab';

/** What this tab remembers; `undefined` if it has shown no session, or its storage is blocked. */
export function recallTab(): TabMemory | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(NAME) ?? '') as TabMemory;
  } catch {
    return undefined;
  }
}

/** Remembers it for the page that the Back button brings. */
export function rememberTab({ session, reason }: TabMemory): void {
  try {
    if (session) sessionStorage.setItem(NAME, JSON.stringify({ session, reason }));
  } catch {
    // Then only the header of the page tells.
  }
}
