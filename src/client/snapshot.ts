import type { Reason } from '../policy/reason.js';
import { endOf, isConcealed, isExtendable, type Knowledge } from './knowledge.js';

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
  /** The page is hidden until the server has said how the session stands. */
  readonly concealed: boolean;
  /** What became of `stayActive()` while the warning shows: on its way, or not granted (it is tried again). */
  readonly stay: 'idle' | 'pending' | 'failed';
  /** The last question got no answer. */
  readonly unreachable: boolean;
  /** Why the session ended. */
  readonly reason: Reason | null;
  /** The reason in the server's words. */
  readonly message: string | null;
  /** The tag of the session: another tag means another sign-in. */
  readonly session: string | null;
  /** What is going on that counts as activity: the `why` of each running `hold()`. */
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
  message: null,
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
  const { phase, warned, outcome } = known;
  const live = phase === 'live';
  const left = endOf(known) - (warned ? now : known.answeredAt);
  const leaving = outcome?.do === 'leave' ? outcome : undefined;
  const snapshot: SessionSnapshot = {
    state: phase === 'over' ? 'expired' : phase !== 'live' ? phase : warned ? 'warning' : 'active',
    expiresIn: live && left < Infinity ? Math.max(0, Math.floor(left / 1000) * 1000) : null,
    limit: live && left < Infinity ? (isExtendable(known) ? 'idle' : 'absolute') : null,
    extendable: live && isExtendable(known),
    concealed: isConcealed(known, now),
    stay: known.stay,
    unreachable: known.failures > 0,
    reason: leaving?.reason ?? null,
    message: leaving?.message || null,
    session: known.session ?? null,
    holds: holds.join() === before.holds.join() ? before.holds : holds,
  };
  const same = (Object.keys(snapshot) as (keyof SessionSnapshot)[]).every((name) => snapshot[name] === before[name]);
  return same ? before : snapshot;
}
