import type { Reason } from '../../policy/reason.js';
import { endOf, initialState, isConcealed, isLive, limitOf, type SessionState } from './session-state.js';

/** The state of the session, as the page knows it. It is the same object until something changes. */
export interface SessionSnapshot {
  /** The state. It is `unknown` until the server has answered for the first time. */
  readonly state: 'unknown' | 'anonymous' | 'active' | 'warning' | 'expired';
  /**
   * Milliseconds until the session ends if there is no activity, rounded down to whole seconds; `null` if nothing ends
   * it. It counts down while `state` is `warning`. Before that, it is the value of the last answer.
   */
  readonly expiresIn: number | null;
  /** When the session ends then, in milliseconds since 1970 on the clock of this browser; `null` if nothing ends it. */
  readonly expiresAt: number | null;
  /** The limit that ends the session then. */
  readonly limit: 'idle' | 'absolute' | null;
  /** Whether activity extends the session. */
  readonly extendable: boolean;
  /** Whether the page is hidden: until the server has confirmed the session, or for good. */
  readonly concealed: boolean;
  /**
   * The result of `stayActive()` during the warning: `pending` on its way, `failed` if not granted (it is tried again).
   */
  readonly stay: 'idle' | 'pending' | 'failed';
  /** Whether the server did not answer the last question. */
  readonly unreachable: boolean;
  /** Why the session ended; `null` if it has not. */
  readonly reason: Reason | null;
  /** The tag of the session: eight characters that name it. Another tag means another sign-in. */
  readonly session: string | null;
  /**
   * The tag of the user. It stays the same when the user signs in again. It is `null` without the option `identify`.
   */
  readonly user: string | null;
  /** Whether drafts can be kept: the server has the option `drafts`, and somebody is signed in. */
  readonly drafts: boolean;
  /** The `why` of each running `hold()`. */
  readonly holds: readonly string[];
}

/** The snapshot of a state; `before` itself if nothing in it has changed. */
export function snapshotOf(
  state: SessionState,
  now: number,
  holds: readonly { readonly why: string }[],
  wallOf: (time: number) => number,
  before?: SessionSnapshot,
): SessionSnapshot {
  const { phase } = state;
  const left = endOf(state) - (phase === 'warning' ? now : state.answeredAt);
  const ends = isLive(state) && left < Infinity;
  const limit = ends ? limitOf(state) : null;
  const snapshot: SessionSnapshot = {
    // Whoever signs out is about to leave.
    state: phase.startsWith('sign') ? 'expired' : (phase as SessionSnapshot['state']),
    expiresIn: ends ? Math.max(0, left - (left % 1000)) : null,
    expiresAt: ends ? Math.round(wallOf(endOf(state))) : null,
    limit,
    extendable: limit === 'idle',
    concealed: isConcealed(state, now),
    stay: state.stay,
    unreachable: state.failures > 0,
    reason: phase === 'expired' && state.ending !== 'other' ? state.ending : null,
    session: state.session ?? null,
    user: state.user ?? null,
    drafts: !!state.drafts,
    holds: holds.map(({ why }) => why),
  };
  return JSON.stringify(snapshot) === JSON.stringify(before) ? before! : snapshot;
}

/** The snapshot before the first answer, and on a server. */
export const unknownSnapshot: SessionSnapshot = snapshotOf(initialState, 0, [], Math.round);
