import type { Response } from 'express';
import onHeaders from 'on-headers';

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
