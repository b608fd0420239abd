import type { Response } from 'express';
import onHeaders from 'on-headers';
import { isPromise, type MaybePromise } from '../base/maybe-promise.js';
import { lockResponse } from './response-lock.js';

/**
 * What is done with the session while a response ends, in this order. One object serves all responses. `subject`
 * contains what it needs to know about one response.
 */
export interface Phases<T> {
  /**
   * 1. The handler has ended the response, and nothing is sent yet. The response waits for this phase, and no other
   *    code can answer meanwhile. It is skipped if the headers are out already, as with a stream.
   */
  settle(subject: T): MaybePromise<unknown>;
  /**
   * The same for a response whose headers go out before it has ended, as with a stream. Nothing waits for it, so
   * everything that has to be done before the headers must be done before this returns.
   */
  settleEarly(subject: T): void;
  /**
   * 2. Just before express-session decides. When the response ends, it decides what to store. When headers go out, it
   *    decides whether to send a cookie. These two may come in any order, or overlap.
   */
  commit(subject: T): void;
  /** Does what ends the response, in which express-session may destroy the session (`unset: 'destroy'`). */
  readonly ending?: ((subject: T, end: () => Response) => Response) | undefined;
  /** 3. Headers go out. This is the last moment to set a header. */
  complete(subject: T): void;
  /**
   * 4. express-session has decided. This phase comes once if headers go out when the response ends, and otherwise after
   *    each of the two.
   */
  release(subject: T): void;
  /** `settle` has failed, and there has to be another answer. The other phases then belong to that answer. */
  failed(error: unknown, subject: T): void;
}

type End = Response['end'];

/** Headers that describe only one certain answer. */
const OF_AN_ANSWER = [
  'Cache-Control',
  'Content-Disposition',
  'Content-Encoding',
  'Content-Language',
  'Content-Length',
  'Content-Range',
  'Content-Type',
  'ETag',
  'Expires',
  'Last-Modified',
  'Location',
];

/**
 * Runs the phases of one response. express-session decides what to store when the response ends, and decides about the
 * cookie when headers go out. Phase 2 comes before both, because we come later than express-session: our `end` is
 * around its own, and `on-headers` calls the latest listener first.
 */
export class ResponsePhases<T> {
  private state: 'open' | 'settling' | 'settled' = 'open';
  private isEnding = false;
  private mayRelease = false;
  private end: End;

  constructor(
    private readonly res: Response,
    private readonly phases: Phases<T>,
    private readonly subject: T,
  ) {
    onHeaders(res, () => this.onHeaders());
    this.wrapWriteHead();
    this.end = this.wrapEnd();
  }

  /** Puts phase 1 before other wrappers of `end`, such as a compression that sends headers. */
  goFirst(): void {
    if (this.res.end !== this.end) this.end = this.wrapEnd();
  }

  private wrapEnd(): End {
    const { end } = this.res;
    return (this.res.end = ((...args: unknown[]) => this.onEnd(end, args)) as End);
  }

  private onHeaders(): void {
    const { phases, subject } = this;
    if (!this.isEnding) {
      if (this.state === 'open') phases.settleEarly(subject);
      // Otherwise, `finish` has already done this.
      phases.commit(subject);
    }
    phases.complete(subject);
    this.mayRelease = !this.isEnding;
  }

  /** express-session listens to the same event, after us. The next write of a stream comes after this. */
  private wrapWriteHead(): void {
    const { res, phases, subject } = this;
    const { writeHead } = res;
    res.writeHead = ((...args: unknown[]) => {
      try {
        return Reflect.apply(writeHead, res, args) as Response;
      } finally {
        if (this.mayRelease) phases.release(subject);
        this.mayRelease = false;
      }
    }) as Response['writeHead'];
  }

  private onEnd(end: End, args: unknown[]): Response {
    const { res } = this;
    if (this.state === 'settling') return res;
    if (this.state === 'settled' || res.headersSent) return this.finish(end, args);
    let settled: MaybePromise<unknown>;
    try {
      settled = this.phases.settle(this.subject);
    } catch (error) {
      this.fail(error);
      return res;
    }
    if (!isPromise(settled)) return this.finish(end, args);
    void this.finishLater(settled, end, args);
    return res;
  }

  private async finishLater(settled: Promise<unknown>, end: End, args: unknown[]): Promise<void> {
    this.state = 'settling';
    const unlock = lockResponse(this.res);
    try {
      await settled;
    } catch (error) {
      unlock();
      this.fail(error);
      return;
    }
    unlock();
    try {
      this.finish(end, args);
    } catch (error) {
      // If express-session cannot serialize a session, it throws in its `end`. Later, nobody would catch this error.
      this.phases.failed(error, this.subject);
    }
  }

  private finish(end: End, args: unknown[]): Response {
    const { phases, subject } = this;
    this.state = 'settled';
    this.isEnding = true;
    phases.commit(subject);
    try {
      if (phases.ending) return phases.ending(subject, () => Reflect.apply(end, this.res, args) as Response);
      return Reflect.apply(end, this.res, args) as Response;
    } finally {
      this.isEnding = false;
      phases.release(subject);
    }
  }

  private fail(error: unknown): void {
    this.state = 'settled';
    for (const name of OF_AN_ANSWER) this.res.removeHeader(name);
    // Then Node uses the default message.
    Object.assign(this.res, { statusMessage: undefined });
    this.phases.failed(error, this.subject);
  }
}
