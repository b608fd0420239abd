import type { OpenRecord } from '../../ledger/activity-ledger.js';
import type { Reason } from '../../policy/reason.js';

/** The outlook of a session: it goes on for `left` milliseconds without activity, or it has ended. */
export type Outlook = Readonly<{ left: number; idleFor: number; authAge: number }> | { readonly ended: Reason };

/** The outlook of a session that goes on. */
export function outlookOf({ idleFor, sessionAge, authAge = sessionAge }: OpenRecord, left: number): Outlook {
  return { left, idleFor, authAge };
}
