import type { Request } from 'express';
import { httpSessionOf } from '../../express-session/session-of-request.js';
import { log } from '../timelines/events/log.js';
import { Seldom } from '../../base/seldom.js';

/** By store. A request does not show a store that is disconnected. So such stores are known by their application. */
const seldom = new WeakMap<object, Seldom>();

/**
 * Logs that the session store of a request fails, every ten seconds at most. Nest does not log a 503, and an operator has
 * to find its cause.
 */
export function logStoreFailure(req: Request, what: string, error?: unknown): void {
  const subject: object = httpSessionOf(req).store ?? (req.app as object | undefined) ?? req;
  const known = seldom.get(subject) ?? new Seldom();
  seldom.set(subject, known);
  if (known.isTime(performance.now())) {
    log.error(`The session store ${what}; requests with a session get 503 until it works`, error);
  }
}
