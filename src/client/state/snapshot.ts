import type { Reason } from '../../policy/reason.js';
import { endOf, initialState, isConcealed, isExtendable, isLive, type SessionState } from './session-state.js';

/** How the session stands, for whoever shows it. The same object until something in it changes. */
export interface SessionSnapshot {
  /** `unknown` until the server has answered for the first time. */
  readonly state: 'unknown' | 'anonymous' | 'active' | 'warning' | 'expired';
  /**
   * Milliseconds until the session ends if nothing happens, rounded down to whole seconds; `null` if no
   * end is in sight. It counts down while `state` is `warning`. Before that it is as of the last answer.
   */
  readonly expiresIn: number | null;
  /** When it ends then: milliseconds since 1970, by the clock of this browser; `null` if no end is in sight. */
  readonly expiresAt: number | null;
  /** The limit that ends the session then. */
  readonly limit: 'idle' | 'absolute' | null;
  /** Whether activity extends the session. */
  readonly extendable: boolean;
  /** Whether the page is hidden: until the server has said how the session stands, or for good. */
  readonly concealed: boolean;
  /** What became of `stayActive()` while the warning shows: on its way, or not granted (it is tried again). */
  readonly stay: 'idle' | 'pending' | 'failed';
  /** Whether the last question got no answer. */
  readonly unreachable: boolean;
  /** Why the session ended. */
  readonly reason: Reason | null;
  /** The tag of the session. Another tag means another sign-in. */
  readonly session: string | null;
  /** The tag of its user. It stays the same when they sign in again. `null` without the option `identify`. */
  readonly user: string | null;
  /** Whether what is typed can be kept: the server has the option `drafts`, and somebody is signed in. */
  readonly drafts: boolean;
  /** What counts as activity at the moment: the `why` of each running `hold()`. */
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
  const limit = ends ? (isExtendable(state) ? 'idle' : 'absolute') : null;
  const snapshot: SessionSnapshot = {
    state: phase === 'signing-out' || phase === 'signing-out-elsewhere' ? 'expired' : phase,
    expiresIn: ends ? Math.max(0, Math.floor(left / 1000) * 1000) : null,
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
