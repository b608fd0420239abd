import type { LiveStatus } from '../../src/policy/status.js';
import { decodePingReply, encodePingReply } from '../../src/wire/ping-reply.js';

const status: LiveStatus = {
  state: 'active',
  idleFor: 3200,
  authAge: 100_000,
  expiresIn: 896_800.9,
  limit: 'idle',
  extendable: true,
  idleTimeout: 900_000,
  absoluteTimeout: 43_200_000,
  idleLeft: 896_800.9,
  absoluteLeft: 43_100_000,
  warnBefore: 120_000,
  session: 'N9ORFIHi',
};

/** The JSON that the browser receives. */
const sent = (...args: Parameters<typeof encodePingReply>): Record<string, unknown> =>
  JSON.parse(JSON.stringify(encodePingReply(...args)));

/** The JSON of a living session, with some fields changed. `undefined` leaves a field out. */
const reply = (change: Record<string, unknown> = {}): unknown =>
  JSON.parse(JSON.stringify({ ...encodePingReply(status, { at: 1_767_603_600_250 }), ...change }));

describe('the answer of a ping', () => {
  test('has all durations in seconds', () => {
    expect(sent(status, { at: 1_767_603_600_250, user: 'c0Vw_x3b', loginUrl: '/login', drafts: true, n: '7' })).toEqual(
      {
        state: 'active',
        idleFor: 3.2,
        authAge: 100,
        expiresIn: 896.8,
        limit: 'idle',
        extendable: true,
        idleTimeout: 900,
        absoluteTimeout: 43_200,
        idleLeft: 896.8,
        absoluteLeft: 43_100,
        warnBefore: 120,
        session: 'N9ORFIHi',
        user: 'c0Vw_x3b',
        at: 1_767_603_600.25,
        loginUrl: '/login',
        drafts: true,
        n: '7',
      },
    );
  });

  test('has seconds during the warning, too', () => {
    expect(sent({ ...status, state: 'warning', expiresIn: 90_000 }, { at: 0 })).toMatchObject({
      state: 'warning',
      expiresIn: 90,
    });
  });

  test('has null for limits that are off, and for a session that nothing ends', () => {
    const off = { expiresIn: Infinity, authAge: Infinity, idleTimeout: null, absoluteTimeout: null };
    expect(sent({ ...status, ...off, idleLeft: null, absoluteLeft: null }, { at: 0 })).toMatchObject({
      ...off,
      expiresIn: null,
      authAge: null,
      idleLeft: null,
      absoluteLeft: null,
    });
  });

  test('has the reason and the text for users if the session has ended', () => {
    const expired = { state: 'expired', reason: 'idle', message: 'You were signed out.' } as const;
    expect(sent(expired, { at: 1_767_604_500_250 })).toEqual({ ...expired, at: 1_767_604_500.25 });
  });

  test('has hardly anything if nobody is signed in', () => {
    expect(sent({ state: 'anonymous' }, { at: 1000, lost: true, user: undefined })).toEqual({
      state: 'anonymous',
      at: 1,
      lost: true,
    });
  });
});

describe('the browser', () => {
  test('reads an answer in milliseconds', () => {
    expect(decodePingReply(reply({ expiresIn: 896.8, user: 'c0Vw_x3b' }))).toEqual({
      ...status,
      expiresIn: 896_800,
      idleLeft: 896_800,
      user: 'c0Vw_x3b',
      at: 1_767_603_600_250,
    });
  });

  test.each<[string, unknown]>([
    ['an ended session', { state: 'expired', reason: 'idle', message: '', at: 1 }],
    ['nobody', { state: 'anonymous', at: 1 }],
    ['a session without an absolute limit', reply({ absoluteLeft: null })],
    ['a session without an idle limit', reply({ idleLeft: null })],
    ['a session that nothing ends', reply({ idleLeft: null, absoluteLeft: null, expiresIn: null })],
  ])('accepts an answer about %s', (_name, body) => {
    expect(decodePingReply(body)).toMatchObject({ state: (body as LiveStatus).state });
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['the page of a proxy', '<!doctype html><title>Sign in to the network</title>'],
    ['a list', [1, 2]],
    ['the JSON of something else', { error: 'not found', at: 1 }],
    ['an answer without the time', reply({ at: undefined })],
    ['an answer whose time is a text', reply({ at: '1767603600' })],
    ['an answer about nobody without the time', { state: 'anonymous' }],
    ['an answer about an end without the time', { state: 'expired', reason: 'idle' }],
    ['an end without a reason', { state: 'expired', at: 1 }],
    ['a session without a tag', reply({ session: undefined })],
    ['a session without the time of the warning', reply({ warnBefore: undefined })],
    ['a session without any end', reply({ idleLeft: undefined, absoluteLeft: undefined })],
    ['a session whose ends are texts', reply({ idleLeft: '5', absoluteLeft: '5' })],
    ['a session that ends at no known time', reply({ idleLeft: null, absoluteLeft: null, expiresIn: undefined })],
  ])('does not take %s for an answer', (_name, body) => {
    expect(decodePingReply(body)).toBeUndefined();
  });
});
