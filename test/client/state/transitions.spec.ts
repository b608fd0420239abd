import { initialState, isConcealed, type SessionState } from '../../../src/client/state/session-state.js';
import * as transitions from '../../../src/client/state/transitions.js';
import { MINUTE, SECOND } from '../../support/time.js';
import { Server } from '../support/world.js';
import { decodePingReply, type PingReply } from '../../../src/wire/ping-reply.js';
import type { ReadTiming } from '../../../src/wire/server-timing.js';

/** What a server answers at 0. */
function answer(change: (server: Server) => void = () => undefined): PingReply {
  const server = new Server(10 * MINUTE, 60 * MINUTE, MINUTE);
  change(server);
  return decodePingReply(server.status())!;
}

const live = transitions.onAnswer(initialState, 0, 0, answer());
const at = 5 * SECOND;

/** A header of the living session, made at {@link at}. */
function header(change: Partial<ReadTiming> = {}): ReadTiming {
  return { session: 'first', left: 10 * MINUTE, reason: undefined, at: live.serverAt! + at, ...change };
}

test('an answer about a living session makes the page live', () => {
  expect(live).toMatchObject({ phase: 'active', session: 'first', idleAt: 10 * MINUTE, absoluteAt: 60 * MINUTE });
});

test('an answer that was asked for before the newest one changes nothing', () => {
  expect(transitions.onAnswer(live, at, -1, answer())).toBe(live);
});

describe('a header', () => {
  const hear = (state: SessionState, change?: Partial<ReadTiming>, askedAt = at): SessionState =>
    transitions.onServerTiming(state, at, askedAt, header(change));

  test('of the session that is newer moves the end forward', () => {
    expect(hear(live)).toMatchObject({ phase: 'active', answeredAt: at, idleAt: at + 10 * MINUTE });
  });

  test('never moves the end back', () => {
    expect(hear(live, { left: MINUTE }).idleAt).toBe(live.idleAt);
  });

  test.each([1000, 60 * SECOND])('that is %d ms older than the last answer changes nothing', (age) => {
    expect(hear(live, { at: live.serverAt! - age })).toBe(live);
    expect(hear(live, { at: live.serverAt! - age, reason: 'idle' })).toBe(live);
  });

  test('that a cache replays a minute later counts from when it was made', () => {
    const late = transitions.onServerTiming(live, MINUTE + at, MINUTE + at, header());
    expect(late.idleAt).toBeLessThanOrEqual(at + 10 * MINUTE + SECOND);
  });

  test('of a server whose clock is ahead counts from the question', () => {
    expect(hear(live, { at: live.serverAt! + 60 * MINUTE }).idleAt).toBe(at + 10 * MINUTE);
  });

  test('that says why the session has ended covers the page, which asks', () => {
    const told = hear(live, { reason: 'revoked', left: 0 });
    expect(told).toMatchObject({ phase: 'active', wantedAt: at, doubtedAt: at, told: 'revoked' });
    expect(transitions.onAnswer(told, at, at, { state: 'anonymous', at: 0 })).toMatchObject({ ending: 'revoked' });
  });

  test('of another session only makes the page ask, and once a second at most', () => {
    expect(hear(live, { session: 'other', reason: 'idle' })).toEqual({ ...live, wantedAt: at });
    expect(transitions.onServerTiming(live, 1, 1, header({ session: 'other' })).wantedAt).toBe(1000);
  });

  test('that says that the end is later than the absolute limit only makes the page ask', () => {
    expect(hear(live, { left: 60 * MINUTE })).toEqual({ ...live, wantedAt: at });
  });
});

describe('a header about a session that the page does not know', () => {
  const now = 1_767_603_600_000;
  const gone: PingReply = { state: 'anonymous', at: now + 200 };
  const anonymous = transitions.onAnswer(initialState, 0, 0, { state: 'anonymous', at: now });
  const refused = (saidAt: number): SessionState =>
    transitions.onServerTiming(anonymous, at, at - 100, header({ at: saidAt, reason: 'idle', left: 0 }));

  test('leads to the login page if it refused a request of this page, and the ping knows nobody', () => {
    const told = refused(now + 5000);
    expect(told.wantedAt).toBeGreaterThanOrEqual(at);
    const ended = transitions.onAnswer(told, at + 50, at, { ...gone, at: now + at + 50 });
    expect(ended).toMatchObject({ phase: 'expired', ending: 'idle' });
  });

  test('changes nothing if it is from before the request', () => {
    const ended = transitions.onAnswer(refused(now - MINUTE), at + 50, at, { ...gone, at: now + at + 50 });
    expect(ended.phase).toBe('anonymous');
  });

  test('is not believed by a ping that was asked before that request', () => {
    const told = refused(now + 5000);
    expect(transitions.onAnswer(told, at + 50, at - 200, { ...gone, at: now + at })).toBe(told);
  });

  test('changes nothing on a page that came with the news of the end', () => {
    const fresh = transitions.onPageTiming(initialState, 0, 0, header({ reason: 'idle' }));
    const loaded = transitions.onAnswer(fresh, 0, 0, { state: 'anonymous', at: now });
    const told = transitions.onServerTiming(loaded, at, at - 100, header({ at: now + 5000, reason: 'idle' }));
    expect(transitions.onAnswer(told, at + 50, at, { ...gone, at: now + at }).phase).toBe('anonymous');
  });

  test.each([
    ['the server made it for this page', 0, 'expired'],
    ['a cache replayed it', 2 * MINUTE, 'anonymous'],
  ])('came with the page itself: if %s, an anonymous answer means: %3$s', (_name, age, phase) => {
    const page = transitions.onPageTiming(initialState, 0, -100, header({ at: now - age }));
    expect(page.phase).toBe('unknown');
    const answered = transitions.onAnswer(page, 50, 0, { state: 'anonymous', at: now + 100 });
    expect(answered.phase).toBe(phase);
  });
});

describe('while another tab signs out', () => {
  const leaving = transitions.onTabSignOut(live, at, 'first');

  test('the page is concealed, and asks after a second', () => {
    expect(leaving).toMatchObject({ phase: 'signing-out-elsewhere', wantedAt: at + SECOND });
    expect(isConcealed(leaving, at)).toBe(true);
  });

  test('a page of another session is not concerned', () => {
    expect(transitions.onTabSignOut(live, at, 'second')).toBe(live);
    expect(transitions.onTabSignOut(initialState, at, undefined)).toBe(initialState);
  });

  test('the session ends as signed out when the server no longer knows it', () => {
    const ended = transitions.onAnswer(leaving, at, at, { state: 'anonymous', at: 0 });
    expect(ended).toMatchObject({ phase: 'expired', ending: 'signed-out' });
  });

  test('the page signs out itself if the session is still alive', () => {
    expect(transitions.onAnswer(leaving, at, at, answer()).phase).toBe('signing-out');
  });

  test('other tabs cannot bring the page back', () => {
    expect(transitions.onTabAnswer(leaving, at, at, answer(), 'first')).toBe(leaving);
  });

  test('an ordinary answer of a living session only makes the page ask', () => {
    const told = transitions.onServerTiming(leaving, at, at, header({ left: 9 * MINUTE }));
    expect(told).toEqual({ ...leaving, wantedAt: at, retryAt: -Infinity });
  });

  test.each<[string, (state: SessionState) => SessionState]>([
    ['activity', (state) => transitions.onTick(state, at, at)],
    ['time', (state) => transitions.onTick(state, 10 * MINUTE, -Infinity)],
    ['the wish to stay', (state) => transitions.onStay(state, at)],
    ['a failure', (state) => transitions.onFailure(state, at, 0, 0)],
    ['a look', (state) => transitions.onLook(state, at, 0)],
    ['a doubt', (state) => transitions.onDoubt(state, at)],
  ])('%s does not change that', (_name, transition) => {
    expect(transition(leaving)).toMatchObject({ phase: 'signing-out-elsewhere', activeAt: -Infinity });
  });
});
