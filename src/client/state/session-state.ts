import type { Reason } from '../../policy/reason.js';

/** Why a session is over for this page; `other` is another sign-in. */
export type Ending = Reason | 'other';

/**
 * What a page knows of its session. Times are readings of the page's clock in milliseconds;
 * `-Infinity` is never yet, `Infinity` is never or a limit that is off.
 */
export interface Knowledge {
  /** `unknown` before the first answer; `over` is final. */
  readonly phase: 'unknown' | 'anonymous' | 'live' | 'over';
  /** This page has belonged to a living session. */
  readonly seen: boolean;
  /** The page came from a server that knew of an end, if there was one: there is nothing to hide on it. */
  readonly fresh: boolean;
  /** Why it is over. Then the page is left. */
  readonly ending?: Ending | undefined;

  /** Why it is over by an ordinary answer, whose cookie is gone by the time this page asks for itself. */
  readonly told?: Reason | undefined;

  /** When the newest answer was asked for. The server looked after that, so what it says is left counts from here. */
  readonly answeredAt: number;
  readonly session?: string | undefined;
  readonly loginUrl?: string | undefined;
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

  /** An answer at least as new as this is wanted. */
  readonly wantedAt: number;
  /** Nothing may be shown before there is an answer at least as new as this. */
  readonly doubtedAt: number;
  /** The newest answer was about another sign-in, or said that this one goes on under another id. */
  readonly replaced: boolean;
  /** The user is signing out, here (then the phase is `over`) or in another tab. */
  readonly signingOut: boolean;

  readonly warned: boolean;
  /** Whether the user's wish to stay has reached the server. */
  readonly stay: 'idle' | 'pending' | 'failed';
  /** Attempts in a row that brought no answer. */
  readonly failures: number;
  /** Not to ask before this. */
  readonly retryAt: number;
}

export const nothingKnown: Knowledge = {
  phase: 'unknown',
  seen: false,
  fresh: false,
  answeredAt: -Infinity,
  idleTimeout: Infinity,
  warnBefore: 0,
  idleAt: Infinity,
  absoluteAt: Infinity,
  activeAt: -Infinity,
  reportedAt: -Infinity,
  wantedAt: -Infinity,
  doubtedAt: -Infinity,
  replaced: false,
  signingOut: false,
  warned: false,
  stay: 'idle',
  failures: 0,
  retryAt: -Infinity,
};

/** What follows from what is known when something happens at `at`. */
export type Rule = (known: Knowledge, at: number) => Knowledge;

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
  return known.phase === 'over' || known.signingOut || now >= endOf(known) || known.doubtedAt > known.answeredAt;
}
