import type { Reason } from '../../policy/reason.js';
import { endOf, isConcealed, isExtendable, type Knowledge } from './session-state.js';

/** How the session stands, for whoever shows it. The same object until something in it changes. */
export interface SessionSnapshot {
  /** `unknown` until the server has answered for the first time. */
  readonly state: 'unknown' | 'anonymous' | 'active' | 'warning' | 'expired';
  /**
   * Milliseconds until the session ends if nothing happens, rounded down to whole seconds; `null`
   * when there is no end in sight. Counts down while `state` is `warning`; before that it stands as
   * of the last answer.
   */
  readonly expiresIn: number | null;
  /** The limit that ends it then. */
  readonly limit: 'idle' | 'absolute' | null;
  /** Whether activity puts the end off. */
  readonly extendable: boolean;
  /** The page is hidden: until the server has said how the session stands, or for good. */
  readonly concealed: boolean;
  /** What became of `stayActive()` while the warning shows: on its way, or not granted (it is tried again). */
  readonly stay: 'idle' | 'pending' | 'failed';
  /** The last question got no answer. */
  readonly unreachable: boolean;
  /** Why the session ended. */
  readonly reason: Reason | null;
  /** The tag of the session: another tag means another sign-in. */
  readonly session: string | null;
  /** What goes on that counts as activity: the `why` of each running `hold()`. */
  readonly holds: readonly string[];
}

/** What is known before anything is known: on a server, and in the first moment of a page. */
export const unknownSnapshot: SessionSnapshot = {
  state: 'unknown',
  expiresIn: null,
  limit: null,
  extendable: false,
  concealed: false,
  stay: 'idle',
  unreachable: false,
  reason: null,
  session: null,
  holds: [],
};

/** What can be shown of what is known; `before` itself if it is still right. */
export function snapshotOf(
  known: Knowledge,
  now: number,
  holds: readonly string[],
  before: SessionSnapshot,
): SessionSnapshot {
  const { phase, warned, stay, failures, ending, session, answeredAt } = known;
  const left = endOf(known) - (warned ? now : answeredAt);
  const ends = phase === 'live' && left < Infinity;
  const extendable = ends && isExtendable(known);
  const living = warned ? 'warning' : 'active';
  const snapshot = {
    state: phase === 'live' ? living : phase === 'over' ? 'expired' : phase,
    expiresIn: ends ? Math.max(0, Math.floor(left / 1000) * 1000) : null,
    limit: ends ? (extendable ? 'idle' : 'absolute') : null,
    extendable,
    concealed: isConcealed(known, now),
    stay,
    unreachable: failures > 0,
    reason: ending === 'other' ? null : (ending ?? null),
    session: session ?? null,
    holds,
  } as SessionSnapshot;
  return JSON.stringify(snapshot) === JSON.stringify(before) ? before : snapshot;
}
