import type { Reason } from '../../policy/reason.js';

/** Why this page is left: the reason of the end of its session, or `other` if another session has taken its place. */
export type Ending = Reason | 'other';

/** The state of a page's session. An ended session always has an ending. */
export type SessionState = Readings & (Ongoing | Ended);

/** A change of the state because something happened at `at` (a reading of the page's clock). */
export type Transition = (state: SessionState, at: number) => SessionState;

interface Ongoing {
  /**
   * - `unknown`: the server has not answered yet;
   * - `anonymous`: nobody is signed in;
   * - `active`: the session goes on, as far as this page knows;
   * - `warning`: the session goes on, and the user is warned of its end;
   * - `signing-out-elsewhere`: another tab signs out. This page asks whether that worked;
   * - `signing-out`: this page signs out, until the server confirms it.
   */
  readonly phase: 'unknown' | 'anonymous' | 'active' | 'warning' | 'signing-out-elsewhere' | 'signing-out';
}

/** The session has ended, and the page is about to be left. */
export interface Ended {
  readonly phase: 'expired';
  readonly ending: Ending;
}

/**
 * Times are readings of the page's clock and durations, both in milliseconds. `-Infinity` means "never
 * so far", `Infinity` means "never" or a limit that is off.
 */
interface Readings {
  /** Whether this page has belonged to a living session. `false` for a session that nothing ends (`mode: 'report'`). */
  readonly seen?: boolean;
  /**
   * Whether the page shows nothing of a session that has ended: the answer with the page itself said so, or the page was
   * not left at the end.
   */
  readonly fresh?: boolean | undefined;
  /**
   * Why the session ended, according to an ordinary answer. That answer cleared the cookie, so a ping cannot find out
   * the reason. `other` for a page that was fetched before its session ended.
   */
  readonly told?: Ending | false | null | undefined;
  /**
   * How far the server's clock is ahead of the page's clock, according to the last header about a session that this
   * page does not know. The header may come from a cache. The next ping shows whether it was written for its request.
   */
  readonly claim?: number | undefined;

  /** When the question of the newest answer was sent. The time left counts from here. */
  readonly answeredAt: number;
  /** The server's time in that answer, in milliseconds since 1970. */
  readonly serverAt?: number;
  /** The tag of the session. */
  readonly session?: string | undefined;
  /** The tag of its user, if the server knows one. */
  readonly user?: string | undefined;
  readonly loginUrl?: string | undefined;
  /** Whether the server gives keys for drafts. */
  readonly drafts?: true | undefined;
  readonly idleTimeout: number;
  readonly warnBefore: number;
  /** When the idle limit ends the session, as far as this page knows. */
  readonly idleAt: number;
  /** When the absolute limit ends it. */
  readonly absoluteAt: number;

  /** The last activity that counts. */
  readonly activeAt: number;
  /** The last activity that the server knows of. */
  readonly knownAt: number;

  /** An answer to a question from this time or later is wanted. */
  readonly wantedAt: number;
  /** The page stays hidden until there is an answer to a question from this time or later. */
  readonly doubtedAt: number;
  /** The newest answer named another session, or said `replaced`. A second answer has to confirm that. */
  readonly replaced?: boolean;

  /** The user's wish to stay: none, on its way to the server, or not granted (it is tried again). */
  readonly stay: 'idle' | 'pending' | 'failed';
  /** How many questions in a row had no answer. */
  readonly failures: number;
  /** The next question waits until then. */
  readonly retryAt: number;
}

export const initialState: SessionState = {
  phase: 'unknown',
  answeredAt: -Infinity,
  idleTimeout: Infinity,
  warnBefore: 0,
  idleAt: Infinity,
  absoluteAt: Infinity,
  activeAt: -Infinity,
  knownAt: -Infinity,
  wantedAt: -Infinity,
  doubtedAt: -Infinity,
  stay: 'idle',
  failures: 0,
  retryAt: -Infinity,
};

/** When the session ends, as far as the page knows. */
export function endOf({ idleAt, absoluteAt }: SessionState): number {
  return Math.min(idleAt, absoluteAt);
}

/** The limit that ends the session. Activity moves only the idle limit. */
export function limitOf({ idleAt, absoluteAt }: SessionState): 'idle' | 'absolute' {
  return idleAt < absoluteAt ? 'idle' : 'absolute';
}

/** Whether the session goes on, as far as the page knows. */
export function isLive({ phase }: SessionState): boolean {
  return phase === 'active' || phase === 'warning';
}

/** Whether the page has to be hidden: its session has ended, may have ended, or may be somebody else's. */
export function isConcealed(state: SessionState, now: number): boolean {
  if (state.phase === 'anonymous') return false;
  return (
    !(isLive(state) || state.phase === 'unknown') ||
    now >= endOf(state) ||
    (state.seen !== false && state.doubtedAt > state.answeredAt)
  );
}
