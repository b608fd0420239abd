import type { Response } from 'express';
import onHeaders from 'on-headers';
import { isPromise, type MaybePromise } from '../ledger/maybe-promise.js';
import { lockResponse } from './response-lock.js';

/**
 * What is done about the session while a response ends, in this order. One object serves all responses; `subject` is
 * what it needs to know of one.
 */
export interface Phases<T> {
  /**
   * 1. The handler has ended the response, and nothing is sent yet. The response waits for it, and nobody else can
   *    answer meanwhile. Left out if headers are out already, as those of a stream are.
   */
  settle(subject: T): MaybePromise<unknown>;
  /**
   * The same for a response whose headers go out before it has ended, as those of a stream do. Nothing waits for it:
   * what has to be done before the headers is done before this returns.
   */
  settleEarly(subject: T): void;
  /**
   * 2. Just before express-session decides: as the response ends, what to store, and as headers go out, whether to
   *    send a cookie. The one may come before the other, or while it is under way.
   */
  commit(subject: T): void;
  /** 3. Headers go out: the last moment to set one. */
  complete(subject: T): void;
  /** 4. express-session has decided: once if headers go out as the response ends, and otherwise after either. */
  release(subject: T): void;
  /** `settle` has failed, and something else has to be answered: the other phases are those of that answer. */
  failed(error: unknown, subject: T): void;
}

type End = Response['end'];

/** What says something of the one answer that has them. */
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
 * Runs the phases of one response. express-session decides what to store when the response is ended, and on
 * the cookie when headers go out; phase 2 is before either. That holds as we come later than express-session: our
 * `end` is around its own, and `on-headers` calls the latest listener first.
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

  /** Puts phase 1 before what others have wrapped around `end` meanwhile, like a compression that sends headers. */
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
      // Otherwise `finish` has done it already.
      phases.commit(subject);
    }
    phases.complete(subject);
    this.mayRelease = !this.isEnding;
  }

  /** express-session listens to the same event, after us. What a stream does next comes after this. */
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
      // express-session throws in its `end` at a session it cannot serialize. Nobody would catch that later.
      this.phases.failed(error, this.subject);
    }
  }

  private finish(end: End, args: unknown[]): Response {
    const { phases, subject } = this;
    this.state = 'settled';
    this.isEnding = true;
    phases.commit(subject);
    try {
      return Reflect.apply(end, this.res, args) as Response;
    } finally {
      this.isEnding = false;
      phases.release(subject);
    }
  }

  private fail(error: unknown): void {
    this.state = 'settled';
    for (const name of OF_AN_ANSWER) this.res.removeHeader(name);
    // Node takes the usual one then.
    Object.assign(this.res, { statusMessage: undefined });
    this.phases.failed(error, this.subject);
  }
}
