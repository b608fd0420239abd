import type { Response } from 'express';
import onHeaders from 'on-headers';
import { attempt, isPromise, type MaybePromise } from '../ledger/maybe-promise.js';

/**
 * What is done about the session while a response ends, in this order. Each phase runs at most once. One
 * object serves all responses; `subject` is what it needs to know of one.
 */
export interface Phases<T> {
  /**
   * 1. The handler has ended the response, and nothing is sent yet. The response waits for it. Left out if
   *    headers are out already, as those of a stream are.
   */
  settle(subject: T): MaybePromise<unknown>;
  /** 2. Just before express-session decides what to store and whether to send a cookie. */
  commit(subject: T): void;
  /** 3. Headers go out: the last moment to set one. */
  complete(subject: T): void;
  /** `settle` has failed, and something else has to be answered: phases 2 and 3 are those of that answer. */
  failed(error: unknown, subject: T): void;
}

type End = Response['end'];

/** What says something of the one answer that has them. */
const OF_AN_ANSWER = ['Content-Length', 'Content-Type', 'Content-Encoding', 'ETag', 'Last-Modified', 'Location'];

/**
 * Runs the phases of one response. express-session decides what to store when the response is ended, and on
 * the cookie when headers go out; whichever comes first, phase 2 is before it. That holds as we come later
 * than express-session: our `end` is around its own, and `on-headers` calls the latest listener first.
 */
export class ResponsePhases<T> {
  private state: 'open' | 'settling' | 'settled' = 'open';
  private isCommitted = false;
  private end: End;

  constructor(
    private readonly res: Response,
    private readonly phases: Phases<T>,
    private readonly subject: T,
  ) {
    onHeaders(res, () => {
      this.commit();
      phases.complete(subject);
    });
    this.end = this.wrapEnd();
  }

  /** Puts phase 1 before what others have wrapped around `end` meanwhile, like a compression that sends headers. */
  goFirst(): void {
    if (this.res.end !== this.end) this.end = this.wrapEnd();
  }

  private wrapEnd(): End {
    const { end } = this.res;
    return (this.res.end = ((...args: unknown[]) => this.onEnd(end, args)) as End);
  }

  private onEnd(end: End, args: unknown[]): Response {
    const { res } = this;
    if (this.state === 'settling') return res;
    if (this.state === 'settled' || res.headersSent) return this.finish(end, args);
    this.state = 'settling';
    const answered = attempt(
      () => this.phases.settle(this.subject),
      () => void this.finish(end, args),
      (error) => this.fail(error),
    );
    // express-session throws in its `end` at a session it cannot serialize. Nobody would catch that later.
    if (isPromise(answered)) answered.catch((error: unknown) => this.phases.failed(error, this.subject));
    return res;
  }

  private finish(end: End, args: unknown[]): Response {
    this.state = 'settled';
    this.commit();
    return Reflect.apply(end, this.res, args) as Response;
  }

  private fail(error: unknown): void {
    this.state = 'settled';
    for (const name of OF_AN_ANSWER) this.res.removeHeader(name);
    this.phases.failed(error, this.subject);
  }

  private commit(): void {
    if (this.isCommitted) return;
    this.isCommitted = true;
    this.phases.commit(this.subject);
  }
}
