import { jest } from '@jest/globals';
import type { Response } from 'express';
import type { Owner } from '../../../../../src/enforcement/lifecycle/identity.js';
import { type RequestSession, RequestState } from '../../../../../src/enforcement/lifecycle/request-session.js';
import { SessionMoves } from '../../../../../src/enforcement/lifecycle/session-moves.js';
import { log } from '../../../../../src/enforcement/timelines/events/log.js';
import type { HttpSession } from '../../../../../src/express-session/http-session.js';
import type { Settings } from '../../../../../src/options/settings.js';
import type { Reason } from '../../../../../src/index.js';
import { ManualClock } from '../../../../../src/testing/index.js';

export const alice = { isTracked: true, user: 'alice' };
export const bob = { isTracked: true, user: 'bob' };
export const nobody = { isTracked: false, user: undefined };
export const broken = new Error('broken');
/** What a session has at first. */
export const known = { isAnnounced: false };

/** What was done, in this order. */
export const done: unknown[][] = [];
export const warnings: string[] = [];
/** What fails, and how. */
const failures = new Map<string, Error>();
/** The ends in the ledger. */
export const ends = new Map<string, Reason>();
/** What the ledger has about the old session. */
export const ledger: { record: object | undefined } = { record: undefined };
/** Makes the new session, when it has begun. */
export const binder = { begun };

export const live = (key: string, change: object = {}) => ({ kind: 'live', key, ...change }) as RequestSession;
export const over = (key: string) => ({ kind: 'ended', key }) as RequestSession;

function begun({ http }: RequestState, { user }: Owner): RequestSession | undefined {
  return live(http.key, { user });
}

/** Makes all as it is at first. Call it before each test. */
export function reset(): void {
  for (const each of [done, warnings]) each.length = 0;
  for (const each of [failures, ends]) each.clear();
  Object.assign(ledger, { record: undefined });
  Object.assign(binder, { begun });
  jest.spyOn(log, 'warn').mockImplementation((text) => void warnings.push(text));
}

/** Lets only these steps fail, with these errors. */
export function fail(errors: Record<string, Error>): void {
  failures.clear();
  for (const [what, error] of Object.entries(errors)) failures.set(what, error);
}

/** Notes what is done, and fails if it should. */
function note(what: string, ...given: unknown[]): void {
  done.push([what, ...given]);
  const error = failures.get(what);
  if (error) throw error;
}
/** A method of a collaborator. Requests are not noted. */
const step =
  (what: string, answer: (...given: never[]) => unknown = () => undefined) =>
  async (...given: unknown[]) => {
    note(what, ...given.filter((each) => !(each instanceof RequestState)));
    return answer(...(given as never[]));
  };
export const whats = () => done.map(([what]) => what);

/** Ends a session once. */
function end(key: string, reason: Reason): boolean {
  if (ends.has(key)) return false;
  ends.set(key, reason);
  return true;
}

export function start(mode: Settings['mode'] = 'enforce'): SessionMoves {
  const timelines = {
    reasonOfEnd: step('ask why', (key: string, otherwise: Reason | undefined) => ends.get(key) ?? otherwise),
    endSilently: step('end new silently', end),
    read: step('read', () => ledger.record),
  };
  const endings = { end: step('end', end), endSilently: step('end silently', end) };
  const binding = {
    begin: step('begin', binder.begun),
    remove: step('remove', () => 'removed'),
    makeAnonymous: step('make anonymous', () => 'left'),
  };
  const rows = { delete: (_http: HttpSession, id: string) => step('delete')(id) };
  const others = [{ follow: step('follow') }, { emitStart: step('report') }, rows];
  const parts = [{ clock: new ManualClock(1000), mode }, timelines, endings, binding, ...others];
  return new SessionMoves(...(parts as unknown as ConstructorParameters<typeof SessionMoves>));
}

/** A request with the session `a`, which can move to `next`. */
export function request({ next = 'b', from = 'a', ...change }: Record<string, unknown> = {}, session?: RequestSession) {
  const http = { exists: true, isReused: true, isDestroyed: false, holdsData: true, presentedId: 'a' };
  const name = (id: unknown) => Object.assign(http, { id, key: `key of ${String(id)}` });
  Object.assign(name(from), change, {
    move() {
      note('move');
      const left = { id: from, key: `key of ${String(from)}` };
      Object.assign(name(next), { isReused: false });
      return left;
    },
    restore({ id }: { id: string }) {
      note('restore', id);
      name(id);
    },
    write: step('write'),
  });
  const res = { locals: {}, getHeader: () => [], req: { headers: { cookie: 'connect.sid=s%3Aa.x' } } };
  const state = new RequestState(http as unknown as HttpSession, res as unknown as Response);
  return Object.assign(state, { session });
}
