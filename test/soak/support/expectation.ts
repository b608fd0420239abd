import { sessionKey } from '../../../src/express-session/session-key.js';

/** The limits of a soak, in milliseconds. */
export interface SoakLimits {
  readonly idleTimeout: number;
  readonly absoluteTimeout: number;
  /** How much of the latest activity may be lost with the instance that saw it, and what the machine needs. */
  readonly slack: number;
}

/** A stretch of time. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/**
 * What must be true of one session, whatever happens to the servers. It knows only what its user did and which answers
 * came. An answer takes a while, so each fact has an earliest and a latest time.
 */
export class Expectation {
  /** The hash by which events name the session. */
  readonly hash: string;
  private activeAtLeast: number;
  private activeAtMost: number;
  private underWay = 0;
  private mayBeOverSince = Infinity;
  private isOverSince = Infinity;

  /** @param signIn from the question to the answer */
  constructor(
    readonly user: string,
    readonly cookie: string,
    readonly signIn: Stretch,
    private readonly limits: SoakLimits,
  ) {
    const [id = ''] = decodeURIComponent(cookie.replace(/^[^=]*=/, ''))
      .slice(2)
      .split('.');
    this.hash = sessionKey(id);
    this.activeAtLeast = signIn.from;
    this.activeAtMost = signIn.to;
  }

  /** The user asks for something that counts as activity, if it is answered. */
  asks(): void {
    this.underWay += 1;
  }

  /** The answer has come, or none will. */
  answered({ from, to }: Stretch, counted: boolean): void {
    this.underWay -= 1;
    this.activeAtMost = Math.max(this.activeAtMost, to);
    if (counted) this.activeAtLeast = Math.max(this.activeAtLeast, from);
  }

  /** From now on the session may be over: somebody signs out, or the data of the servers are deleted. */
  mayEnd(at: number): void {
    this.mayBeOverSince = Math.min(this.mayBeOverSince, at);
  }

  /** A server has said that the session is over. */
  isOver(at: number): void {
    this.mayEnd(at);
    this.isOverSince = Math.min(this.isOverSince, at);
  }

  /** Whether a server has said that the session is over. */
  get isKnownOver(): boolean {
    return this.isOverSince < Infinity;
  }

  /** Whether a question that is asked at `at` must not be answered as the user's. */
  mustBeOver(at: number): boolean {
    return at > this.isOverSince || at > this.latestEnd;
  }

  /** Whether nobody may say at `at` that the session is over. */
  mustGoOn(at: number): boolean {
    return at < Math.min(this.mayBeOverSince, this.earliestEnd);
  }

  /** When the user asked for what was answered last and counts. */
  get activeSince(): number {
    return this.activeAtLeast;
  }

  /** When the session ended or ends: no earlier and no later. */
  get end(): Stretch {
    const from = Math.min(this.mayBeOverSince, this.earliestEnd);
    return { from, to: Math.max(from, Math.min(this.isOverSince, this.latestEnd)) };
  }

  private get earliestEnd(): number {
    const { idleTimeout, absoluteTimeout, slack } = this.limits;
    return Math.min(this.activeAtLeast + idleTimeout, this.signIn.from + absoluteTimeout) - slack;
  }

  private get latestEnd(): number {
    const { idleTimeout, absoluteTimeout } = this.limits;
    const idleEnd = this.underWay > 0 ? Infinity : this.activeAtMost + idleTimeout;
    return Math.min(idleEnd, this.signIn.to + absoluteTimeout);
  }
}
