import type { Request, Response } from 'express';
import {
  changeInTurn,
  currentSession,
  type EndedSession,
  knownState,
  type LiveSession,
  noteChange,
  RequestState,
  setEnded,
  stateOf,
  stateOfSession,
  verdictOn,
} from '../../../src/enforcement/lifecycle/request-session.js';
import type { HttpSession } from '../../../src/express-session/http-session.js';
import type { Waiting } from '../../../src/enforcement/timelines/session-watch.js';

const live = (change: Partial<LiveSession> = {}) =>
  ({ kind: 'live', sessionId: 'a', key: 'key of a', ...change }) as LiveSession;
const ended = (sessionId?: string) => ({ kind: 'ended', sessionId }) as EndedSession;

/** A request whose session has this id, or that has no session. */
function stateWith(id: string | undefined, res: Partial<Response> | undefined = {}, isReused = true) {
  const req = {} as Request;
  const http = { req, exists: id !== undefined, id, key: `key of ${id}`, isReused } as HttpSession;
  return new RequestState(http, res as Response);
}

describe('the session that was found', () => {
  test('is the current one while the request has it', () => {
    const state = stateWith('a');
    expect(currentSession(state)).toBeUndefined();
    state.session = live();
    expect(currentSession(state)).toBe(state.session);
    state.session = live({ sessionId: 'b' });
    expect(currentSession(state)).toBeUndefined();
  });

  test('is the current one of a request without a session only if it has ended', () => {
    const state = stateWith(undefined);
    state.session = ended();
    expect(currentSession(state)).toBe(state.session);
    state.session = live({ sessionId: undefined as never });
    expect(currentSession(state)).toBeUndefined();
  });

  test('is left if the handler has made another one', () => {
    const state = stateWith('b', {}, false);
    expect(state.isRegenerated).toBe(false);
    state.session = live();
    expect(state.isRegenerated).toBe(true);
    state.session = live({ sessionId: 'b' });
    expect(state.isRegenerated).toBe(false);
    const loaded = stateWith('b');
    loaded.session = live();
    expect(loaded.isRegenerated).toBe(false);
  });

  test.each([
    ['here', true],
    ['elsewhere', false],
  ] as const)('may end meanwhile: %s', (where, first) => {
    const state = stateWith('a');
    const session = setEnded(state, { key: 'key of a', user: 'alice' }, 'revoked', where);
    expect(session).toEqual({
      kind: 'ended',
      sessionId: undefined,
      key: 'key of a',
      user: 'alice',
      reason: 'revoked',
      ended: where,
      first,
    });
    expect(state.session).toBe(session);
  });
});

describe('a request', () => {
  test('can change the id of its session until the headers are sent', () => {
    expect(stateWith('a', { headersSent: false }).canChangeId).toBe(true);
    expect(stateWith('a', { headersSent: true }).canChangeId).toBe(false);
    expect(new RequestState({} as HttpSession, undefined as never).canChangeId).toBe(false);
  });

  test('withholds one session, or all', () => {
    const state = stateWith('a');
    expect(state.isWithheld).toBe(false);
    state.withheldId = 'b';
    expect(state.isWithheld).toBe(false);
    state.withheldId = 'a';
    expect(state.isWithheld).toBe(true);
    const other = stateWith('a');
    other.withholdsAll = true;
    expect(other.isWithheld).toBe(true);
    expect(stateWith(undefined).isWithheld).toBe(false);
  });

  test('has the key of its session, which a listener of a lasting request knows best', () => {
    expect([stateWith(undefined).key, stateWith('a').key]).toEqual([undefined, 'key of a']);
    const state = stateWith('a');
    state.waiting = new Set();
    expect([state.lasting, state.key]).toEqual([undefined, 'key of a']);
    state.waiting.add({} as Waiting);
    expect(state.key).toBe('key of a');
    const watching = { watch: { session: { key: 'key of b' } } } as Waiting;
    state.waiting = new Set([watching, {} as Waiting]);
    expect([state.lasting, state.key]).toEqual([watching, 'key of b']);
  });

  test('is remembered, with the response if that is one of Express', () => {
    const res = { locals: {} } as Response;
    const http = { req: { res } } as HttpSession;
    const state = stateOfSession(http);
    expect(state).toMatchObject({ req: http.req, res, hasResponse: true });
    const nothing = ['settles', 'withholdsAll', 'hasRepeatedId', 'isActivity', 'isFollowed', 'hasOldData'] as const;
    expect(nothing.map((name) => state[name])).toEqual(nothing.map(() => false));
    expect(stateOfSession(http)).toBe(state);
    expect(stateOfSession({ req: { res: {} } } as HttpSession).hasResponse).toBe(false);
    expect(stateOfSession({ req: {} } as HttpSession).hasResponse).toBe(false);
  });

  test('is known once somebody has asked for it', () => {
    const req = { res: { locals: {} } } as Request;
    expect(knownState(req)).toBeUndefined();
    const state = stateOf(req);
    expect(state.hasResponse).toBe(true);
    expect([stateOf(req), knownState(req)]).toEqual([state, state]);
    expect(stateOf({} as Request, { locals: {} } as Response).hasResponse).toBe(true);
  });
});

describe('changes of a session', () => {
  test.each([false, true])('take turns, and fail alone: %p', async (fails) => {
    const state = stateWith('a');
    const order: string[] = [];
    const change = (name: string) => async () => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    };
    const changes = ['first', 'second', 'third'].map((name) =>
      changeInTurn(state, change(name)).catch((error: Error) => `not ${error.message}`),
    );
    expect(await Promise.all(changes)).toEqual(
      ['first', 'second', 'third'].map((name) => (fails ? 'not ' : '') + name),
    );
    expect(order.map((line) => line.split(' ')[1])).toEqual(['begins', 'ends', 'begins', 'ends', 'begins', 'ends']);
    expect(state.changing).toBeUndefined();
  });

  test('let others wait, also if they fail', async () => {
    const state = stateWith('a');
    noteChange(state, Promise.reject(new Error('down')));
    await expect(state.changing).resolves.toBeUndefined();
    expect(state.changing).toBeUndefined();
  });
});

test('a live session is judged by its times, which are never in the future', () => {
  const limits = { idleTimeout: 10, absoluteTimeout: 100, warnBefore: 0 };
  const at = (startedAt: number, activeAt: number, now: number) =>
    verdictOn(live({ startedAt, activeAt, limits } as Partial<LiveSession>), now);
  expect(at(0, 5, 14)).toMatchObject({ alive: true, expiresIn: 1 });
  expect(at(0, 5, 15)).toMatchObject({ alive: false, reason: 'idle' });
  expect(at(0, 95, 100)).toMatchObject({ alive: false, reason: 'absolute' });
  expect(at(20, 20, 15)).toMatchObject({ alive: true, expiresIn: 10 });
});
