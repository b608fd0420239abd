import { jest } from '@jest/globals';
import type { Request, Response } from 'express';
import { Subject } from 'rxjs';
import {
  type LiveSession,
  type RequestSession,
  RequestState,
} from '../../../../src/enforcement/lifecycle/request-session.js';
import { CHECK_INTERVAL, SessionLifetime } from '../../../../src/enforcement/lifecycle/session-lifetime.js';
import { log } from '../../../../src/enforcement/timelines/events/log.js';
import type { Waiting, WatchedSession } from '../../../../src/enforcement/timelines/session-watch.js';
import type { HttpSession } from '../../../../src/express-session/http-session.js';
import type { Reason } from '../../../../src/index.js';
import { ManualClock } from '../../../../src/testing/index.js';
import { MINUTE } from '../../../support/time.js';
import { limits, liveSession } from './support/live-session.js';

let clock: ManualClock;
/** What the watches were asked for, and by whom they were left. */
let watched: { session: WatchedSession; waiting: Waiting; left: number; again: boolean | undefined }[];
let stopped: Waiting[];
/** Whether watches take no more listeners, as at shutdown. */
let isClosed: boolean;
let heard: string[];

beforeEach(() => {
  clock = new ManualClock();
  watched = [];
  stopped = [];
  isClosed = false;
  heard = [];
});
afterEach(() => {
  jest.restoreAllMocks();
});

const watches = {
  watch: (session: WatchedSession, waiting: Waiting, left: number, again?: boolean) => {
    watched.push({ session, waiting, left, again });
    if (!isClosed) waiting.watch = { session, waiting: new Set([waiting]) } as unknown as NonNullable<Waiting['watch']>;
    return () => {
      stopped.push(waiting);
      waiting.watch?.waiting.delete(waiting);
    };
  },
  active: jest.fn(async (waiting: Waiting) => waiting.watch !== undefined),
};
const limitsFor = jest.fn(() => limits);

const start = () =>
  new SessionLifetime(...([{ clock, limitsFor }, watches] as unknown as ConstructorParameters<typeof SessionLifetime>));

const live = (change: Partial<LiveSession> = {}) => liveSession(clock, change);

/** A request that lasts, such as that of a WebSocket, unless it has a response. */
function request(session?: RequestSession, res?: object): RequestState {
  const req = { sessionID: 'a' };
  const http = {
    req,
    exists: true,
    get id() {
      return req.sessionID;
    },
  };
  return Object.assign(new RequestState(http as unknown as HttpSession, res as Response), { session });
}
const listener = (name: string) => (reason: Reason) => void heard.push(`${name}: ${reason}`);
const hear = listener('end');
const aMoment = () => new Promise((resolve) => setImmediate(resolve));
/** What the session of a socket has by now. */
const moved = { sessionId: 'b', key: 'key of b', user: 'alice', startedAt: 0 };
/** The session goes on under a new id, for one of its listeners. */
const goOn = (waiting: Waiting) => {
  waiting.watch = { session: moved, waiting: new Set([waiting]) } as unknown as NonNullable<Waiting['watch']>;
  waiting.onNewId?.(moved);
};

test('sockets are not guarded unless somebody sees to it', () => {
  expect(start().guardsSockets).toBe(false);
});

describe('a stream', () => {
  const req = {} as Request;

  test('ends with its session', () => {
    const source = new Subject<number>();
    const session = live();
    start()
      .endWithSession(source, req, session)
      .subscribe({
        next: (value) => heard.push(`${value}`),
        complete: () => heard.push('complete'),
        error: () => heard.push('error'),
      });
    source.next(1);
    expect(watched).toMatchObject([{ left: 15 * MINUTE, waiting: { checkInterval: CHECK_INTERVAL } }]);
    expect(watched[0]!.session).toBe(session);
    expect(stopped).toEqual([]);
    watched[0]!.waiting.onEnd('idle');
    source.next(2);
    expect(heard).toEqual(['1', 'complete']);
    expect(stopped).toHaveLength(1);
    expect(source.observed).toBe(false);
  });

  test('is watched only while somebody reads it', () => {
    const limited = start().endWithSession(new Subject(), req, live());
    expect(watched).toEqual([]);
    limited.subscribe({ error: () => {} }).unsubscribe();
    expect(stopped).toEqual([watched[0]!.waiting]);
  });

  test('has the limits for its request and user', () => {
    start()
      .endWithSession(new Subject(), req, live({ user: 'bob' }))
      .subscribe();
    expect(watched[0]!.waiting.limits()).toBe(limits);
    expect(limitsFor).toHaveBeenLastCalledWith(req, 'bob');
  });
});

describe('the end of the session of a request', () => {
  const ended = { kind: 'ended', key: 'key of a', reason: 'revoked' } as RequestSession;

  test('is told soon if it has come, but not at once', async () => {
    start().onEnd(request(), ended, hear);
    expect(heard).toEqual([]);
    await aMoment();
    expect(heard).toEqual(['end: revoked']);
    expect(watched).toEqual([]);
  });

  test('is not told to somebody who does not wait any more', async () => {
    start().onEnd(request(), ended, hear)();
    await aMoment();
    expect(heard).toEqual([]);
  });

  test('is told to a listener that throws, which is logged', async () => {
    const errors = jest.spyOn(log, 'error').mockReturnValue();
    const error = new Error('broken');
    start().onEnd(request(), ended, () => {
      throw error;
    });
    await aMoment();
    expect(errors).toHaveBeenCalledWith('A listener of onEnd() failed', error);
  });

  test('never comes if there is none', async () => {
    for (const session of [undefined, { kind: 'anonymous', sessionId: 'a' } as const])
      start().onEnd(request(session), session, hear)();
    await aMoment();
    expect([...heard, ...watched, ...stopped]).toEqual([]);
  });

  test('is watched', () => {
    const session = live();
    const state = request(session, { locals: {} });
    const stop = start().onEnd(state, session, hear);
    expect(watched).toEqual([{ session, waiting: expect.anything(), left: 15 * MINUTE, again: undefined }]);
    const [{ waiting }] = watched as [(typeof watched)[0]];
    expect(waiting).toMatchObject({ checkInterval: 15_000, onEnd: hear });
    expect(waiting).not.toHaveProperty('onNewId');
    expect(waiting.limits()).toBe(limits);
    expect(limitsFor).toHaveBeenLastCalledWith(state.req, 'alice');
    expect(state.waiting).toBeUndefined();
    stop();
    expect(stopped).toEqual([waiting]);
  });

  test('is watched as often as asked for, and as long as the limits say', () => {
    const session = live();
    const left = (state: RequestState) => {
      start().onEnd(state, session, hear, 7);
      return watched.at(-1)!.left;
    };
    clock.advance(14 * MINUTE);
    expect([left(request(session, { locals: {} })), left(request(session))]).toEqual([MINUTE, MINUTE]);
    expect(watched.map(({ waiting }) => waiting.checkInterval)).toEqual([7, 7]);
    clock.advance(MINUTE);
    expect([left(request(session, { locals: {} })), left(request(session))]).toEqual([0, 0]);
  });
});

describe('a lasting request', () => {
  /** Adds a listener, and returns what it waits with. */
  const wait = (state: RequestState, session: LiveSession, name = 'end') => {
    const stop = start().onEnd(state, session, listener(name));
    return { ...watched.at(-1)!, stop };
  };

  test('waits for the end of its session, which is asked for at once', () => {
    const session = live();
    const state = request(session);
    const { waiting, stop } = wait(state, session);
    expect(watched).toEqual([{ session, waiting, left: 15 * MINUTE, again: true }]);
    expect(state.lasting).toBe(waiting);
    expect(waiting.checkInterval).toBe(15_000);
    expect(waiting.limits()).toBe(limits);
    waiting.onEnd('idle');
    expect(heard).toEqual(['end: idle']);
    stop();
    expect(stopped).toEqual([waiting]);
  });

  test('with several listeners leaves the time to the first one', () => {
    const session = live();
    const state = request(session);
    const [first, second] = [wait(state, session), wait(state, session)];
    expect([first.left, second.left, second.again]).toEqual([15 * MINUTE, Infinity, true]);
    expect([...state.waiting!]).toEqual([first.waiting, second.waiting]);
  });

  test('forgets who has stopped waiting, but for the last one', () => {
    const session = live();
    const state = request(session);
    const [first, second] = [wait(state, session), wait(state, session)];
    first.stop();
    expect([...state.waiting!]).toEqual([second.waiting]);
    second.stop();
    expect([...state.waiting!]).toEqual([second.waiting]);
    expect(stopped).toEqual([first.waiting, second.waiting]);
  });

  test('knows its id from the last listener, whose time does not count any more', () => {
    const session = live();
    const state = request(session);
    const first = wait(state, session);
    goOn(first.waiting);
    first.stop();
    const next = wait(state, session);
    expect(next).toMatchObject({ session: moved, left: 15 * MINUTE });
    expect([...state.waiting!]).toEqual([next.waiting]);
  });

  test('waits as before if there was no watch, as at shutdown', () => {
    const session = live();
    const state = request(session);
    isClosed = true;
    wait(state, session);
    const next = wait(state, session);
    expect(next.session).toBe(session);
    expect(next.left).toBe(15 * MINUTE);
    expect([...state.waiting!]).toEqual([next.waiting]);
  });

  test('gets the new id of its session', () => {
    const session = live();
    const state = request(session);
    goOn(wait(state, session).waiting);
    expect(state.session).toEqual({ ...session, sessionId: 'b', key: 'key of b' });
    expect(state.req.sessionID).toBe('b');
    expect(state.hasOldData).toBe(true);
    expect(wait(state, session).session).toBe(moved);
  });

  test.each([
    ['has ended', { kind: 'ended', sessionId: 'a', key: 'key of a' }],
    ['is a visitor’s', { kind: 'anonymous', sessionId: 'a' }],
    ['is another one', live.bind(undefined, { sessionId: 'x' })],
    ['is not known', undefined],
  ])('gets no new id if the session on it %s', (_, found) => {
    const session = live();
    const state = request(session);
    const { waiting } = wait(state, session);
    const other = (typeof found === 'function' ? found() : found) as RequestSession | undefined;
    Object.assign(state, { session: other });
    goOn(waiting);
    expect(state).toMatchObject({ session: other, hasOldData: false, req: { sessionID: 'a' } });
  });

  test('is active if its session goes on', async () => {
    const session = live();
    const state = request(session);
    expect(start().active(state)).toBe(true);
    expect(watches.active).not.toHaveBeenCalled();
    const { waiting } = wait(state, session);
    expect(await start().active(state)).toBe(true);
    expect(watches.active).toHaveBeenLastCalledWith(waiting);
    delete waiting.watch;
    expect(await start().active(state)).toBe(false);
  });
});
