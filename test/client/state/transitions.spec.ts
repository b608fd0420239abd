import { initialState, isConcealed, type SessionState } from '../../../src/client/state/session-state.js';
import * as transitions from '../../../src/client/state/transitions.js';
import { MINUTE, SECOND } from '../../support/time.js';
import { Server } from '../support/world.js';
import { decodePingReply, type PingReply } from '../../../src/wire/ping-reply.js';

/** What a server answers at 0. */
function answer(change: (server: Server) => void = () => undefined): PingReply {
  const server = new Server(10 * MINUTE, 60 * MINUTE, MINUTE);
  change(server);
  return decodePingReply(server.status())!;
}

const live = transitions.onAnswer(initialState, 0, 0, answer());
const at = 5 * SECOND;

test('an answer about a living session makes the page live', () => {
  expect(live).toMatchObject({ phase: 'active', session: 'first', idleAt: 10 * MINUTE, absoluteAt: 60 * MINUTE });
});

test('an answer that was asked for before the newest one changes nothing', () => {
  expect(transitions.onAnswer(live, at, -1, answer())).toBe(live);
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
    const ended = transitions.onAnswer(leaving, at, at, { state: 'anonymous' });
    expect(ended).toMatchObject({ phase: 'expired', ending: 'signed-out' });
  });

  test('the page signs out itself if the session is still alive', () => {
    expect(transitions.onAnswer(leaving, at, at, answer()).phase).toBe('signing-out');
  });

  test('other tabs cannot bring the page back', () => {
    expect(transitions.onTabAnswer(leaving, at, at, answer(), 'first')).toBe(leaving);
  });

  test('an ordinary answer of a living session only makes the page ask', () => {
    const told = transitions.onServerTiming(leaving, at, at, 9 * MINUTE);
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
