import type { Reason } from '../policy/reason.js';

/** What the page does when its session is over. */
export type Outcome =
  { readonly do: 'leave'; readonly reason: Reason; readonly message: string } | { readonly do: 'reload' };

/**
 * What a page knows of its session. Times are readings of the page's clock in milliseconds;
 * `-Infinity` is never yet, `Infinity` is never or a limit that is off.
 */
export interface Knowledge {
  /** `unknown` before the first answer; `over` is final. */
  readonly phase: 'unknown' | 'anonymous' | 'live' | 'over';
  /** When the newest answer was asked for. The server looked after that, so what it says is left counts from here. */
  readonly answeredAt: number;
  /** This page has belonged to a living session. */
  readonly seen: boolean;
  /** The page came from a server that knew of the end already: there is nothing to hide on it. */
  readonly arrivedExpired: boolean;

  readonly session: string | undefined;
  readonly loginUrl: string | undefined;
  readonly idleTimeout: number;
  readonly warnBefore: number;
  /** When the server ends the session for want of activity, as far as this page knows. */
  readonly idleAt: number;
  /** When it ends the session whatever happens. */
  readonly absoluteAt: number;

  /** The last activity that counts. */
  readonly activeAt: number;
  /** The last activity the server has been told of. */
  readonly reportedAt: number;
  /** Something goes on that counts as activity all the time. */
  readonly held: boolean;

  /** An answer at least as new as this is wanted. */
  readonly wantedAt: number;
  /** Nothing may be shown before there is an answer at least as new as this. */
  readonly doubtedAt: number;
  /** The newest answer was about another sign-in, or said that this one goes on under another id. */
  readonly replaced: boolean;
  /** A tab has said that the user is signing out. */
  readonly signingOut: boolean;

  readonly warned: boolean;
  /** Whether the user's wish to stay has reached the server. */
  readonly stay: 'idle' | 'pending' | 'failed';
  /** Attempts in a row that brought no answer. */
  readonly failures: number;
  /** Not to ask before this. */
  readonly retryAt: number;

  readonly outcome: Outcome | undefined;
}

export const nothingKnown: Knowledge = {
  phase: 'unknown',
  answeredAt: -Infinity,
  seen: false,
  arrivedExpired: false,
  session: undefined,
  loginUrl: undefined,
  idleTimeout: Infinity,
  warnBefore: 0,
  idleAt: Infinity,
  absoluteAt: Infinity,
  activeAt: -Infinity,
  reportedAt: -Infinity,
  held: false,
  wantedAt: -Infinity,
  doubtedAt: -Infinity,
  replaced: false,
  signingOut: false,
  warned: false,
  stay: 'idle',
  failures: 0,
  retryAt: -Infinity,
  outcome: undefined,
};

/** When the session ends, as far as the page knows. */
export function endOf({ idleAt, absoluteAt }: Knowledge): number {
  return Math.min(idleAt, absoluteAt);
}

/** Whether activity can put the end off. */
export function isExtendable({ idleAt, absoluteAt }: Knowledge): boolean {
  return idleAt < absoluteAt;
}

/** Whether the page has to be hidden: its session is over, may be over, or may be somebody else's. */
export function isConcealed(known: Knowledge, now: number): boolean {
  if (known.phase === 'anonymous') return false;
  return known.phase === 'over' || now >= endOf(known) || known.doubtedAt > known.answeredAt || known.signingOut;
}
