import type { Response } from 'express';
import onHeaders from 'on-headers';
import { isPromise, type MaybePromise } from '../ledger/maybe-promise.js';

/**
 * Calls `listener` once, before express-session decides what to store and which cookie to send:
 * it does the first when the response is ended and the second when headers go out, whichever comes
 * first. `on-headers` runs the last-registered listener first.
 */
export function beforeCommit(res: Response, listener: () => void): void {
  let done = false;
  const once = () => {
    if (done) return;
    done = true;
    listener();
  };
  onHeaders(res, once);
  const end = res.end;
  res.end = function (this: Response, ...args: unknown[]) {
    once();
    return Reflect.apply(end, this, args);
  } as Response['end'];
}

/**
 * Lets the response end when `work` is done: at once if that has nothing to wait for. What has sent its
 * headers is past that.
 *
 * @param fail what is to be answered instead if `work` fails
 */
export function beforeEnd(res: Response, work: () => MaybePromise<unknown>, fail: (error: unknown) => void): void {
  const end = res.end;
  let state: 'open' | 'working' | 'done' = 'open';

  const failed = (error: unknown) => {
    state = 'done';
    for (const name of OF_AN_ANSWER) res.removeHeader(name);
    fail(error);
  };

  res.end = function (this: Response, ...args: unknown[]) {
    if (state === 'working') return res;
    if (state === 'done' || res.headersSent) return Reflect.apply(end, res, args);
    state = 'working';
    try {
      const working = work();
      if (isPromise(working)) {
        working.then(() => {
          state = 'done';
          Reflect.apply(end, res, args);
        }, failed);
        return res;
      }
    } catch (error) {
      failed(error);
      return res;
    }
    state = 'done';
    return Reflect.apply(end, res, args);
  } as Response['end'];
}

/** What says something of the one answer that has them. */
const OF_AN_ANSWER = ['Content-Length', 'Content-Type', 'Content-Encoding', 'ETag', 'Last-Modified', 'Location'];
