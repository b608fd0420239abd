import type { Request } from 'express';
import { type RequestState, stateOf } from '../enforcement/lifecycle/request-session.js';
import { shown } from '../options/shown.js';
import { isReason, reasons } from '../policy/reason.js';

/**
 * Returns what is remembered about a request.
 *
 * @throws TypeError if it is not an object
 */
export function stateIn(method: string, req: Request): RequestState {
  if (typeof req === 'object' && req !== null && !Array.isArray(req)) return stateOf(req);
  throw new TypeError(`${method} takes a request, not ${shown(req)}.`);
}

/** @throws TypeError if it is neither a request nor the id of a user */
export function assertUserOrRequest(method: string, value: unknown): asserts value is Request | string {
  assertTarget(method, value, 'the id of a user as text, as the option identify returns it');
}

/** @throws TypeError if it is neither a request nor the hash of a session */
export function assertHashOrRequest(method: string, value: unknown): asserts value is Request | string {
  assertTarget(method, value, 'the hash of a session, as hashOf(req) returns it');
}

/** @throws TypeError if it is not a reason */
export function assertReason(method: string, value: unknown): void {
  if (isReason(value)) return;
  throw new TypeError(`${method} takes one of the reasons ${reasons.join(', ')}, not ${shown(value)}.`);
}

/** @throws TypeError if it is not a function */
export function assertListener(value: unknown): void {
  if (typeof value === 'function') return;
  throw new TypeError(`onEnd() takes a function to call when the session ends, not ${shown(value)}.`);
}

/** @throws TypeError if these are not options: a session to spare, passed as it is, would end, too */
export function assertOptions(method: string, value: unknown): void {
  if (typeof value === 'object' && value !== null && !isRequest(value)) return;
  throw new TypeError(`${method} takes options like { except: req }, not ${shown(value)}.`);
}

/** Only a request has headers. Nothing else must be taken for one: it would not name the sessions that are meant. */
function isRequest(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'headers' in value;
}

function assertTarget(method: string, value: unknown, orElse: string): void {
  if (isRequest(value) || (typeof value === 'string' && value !== '')) return;
  throw new TypeError(`${method} takes a request or ${orElse}, not ${shown(value)}.`);
}
