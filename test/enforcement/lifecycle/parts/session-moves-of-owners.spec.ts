import { jest } from '@jest/globals';
import type { RequestSession } from '../../../../src/enforcement/lifecycle/request-session.js';
import {
  alice,
  bob,
  broken,
  done,
  ends,
  fail,
  known,
  ledger,
  live,
  nobody,
  over,
  request,
  reset,
  start,
  warnings,
  whats,
} from './support/moving.js';

beforeEach(reset);
afterEach(() => {
  jest.restoreAllMocks();
});

describe('a session with a new owner', () => {
  /** What the new session is said to have. */
  const times = async (session?: RequestSession) => {
    await start().toAnother(request({}, session), bob, alice);
    return done.find(([what]) => what === 'begin')?.[2];
  };

  test('who had none before gets a new id and new times, with a warning', async () => {
    expect(await start().toAnother(request(), alice, nobody)).toMatchObject({ key: 'key of b' });
    expect(done[1]).toEqual(['begin', alice, known, undefined]);
    expect(warnings).toEqual([
      'Somebody signed in under a session id that was in use before (session fixation). The session got a new id. ' +
        'Call req.session.regenerate() or SessionTimeoutService.renew() when somebody signs in.',
    ]);
  });

  test('keeps the times that the request knows, and was not authenticated in the future', async () => {
    const session = { startedAt: 10, authAt: 990 };
    expect(await times(live('key of a', session))).toEqual({ startedAt: 10, authAge: 10, isAnnounced: false });
    done.length = 0;
    expect(await times(live('key of a', { ...session, authAt: 1001 }))).toMatchObject({ authAge: 0 });
    expect(whats()).not.toContain('read');
    expect(warnings).toEqual([]);
  });

  const open = { state: 'open', sessionAge: 400, authAge: 300 };
  test.each([
    [undefined, open, { startedAt: 600, authAge: 300 }],
    [live('key of x', { startedAt: 10, authAt: 990 }), open, { startedAt: 600, authAge: 300 }],
    [over('key of a'), open, { startedAt: 600, authAge: 300 }],
    [undefined, { state: 'open', sessionAge: 400 }, { startedAt: 600, authAge: 400 }],
    [undefined, { ...open, state: 'ended' }, {}],
    [undefined, undefined, {}],
  ])('keeps the times in the ledger if the request knows %j and the ledger %j', async (session, found, expected) => {
    ledger.record = found;
    expect(await times(session)).toEqual({ ...expected, isAnnounced: false });
    expect(done).toContainEqual(['read', 'key of a']);
  });

  test('has its old id again if the ledger cannot be read', async () => {
    fail({ read: broken });
    await expect(start().toAnother(request(), bob, alice)).rejects.toBe(broken);
    expect(whats()).toEqual(['move', 'read', 'restore']);
  });
});

describe('the rest of a session whose user has signed out', () => {
  const tombstone = { key: 'key of a', reason: 'signed-out', user: 'alice' };

  test('gets a new id', async () => {
    expect(await start().leave(request(), alice)).toBe('left');
    expect(whats()).toEqual(['move', 'end', 'write', 'delete', 'make anonymous']);
    expect(done[1]).toEqual(['end', 'key of a', 'signed-out', alice]);
    expect(done.slice(3)).toEqual([
      ['delete', 'a'],
      ['make anonymous', tombstone, true, 'here'],
    ]);
  });

  test('tells why the session had ended', async () => {
    ends.set('key of a', 'revoked');
    await start().leave(request(), alice);
    expect(done[2]).toEqual(['ask why', 'key of a', 'signed-out']);
    expect(done.at(-1)).toEqual(['make anonymous', { ...tombstone, reason: 'revoked' }, false, 'here']);
  });

  test('is not stored if there is none, or if the answer clears the cookie', async () => {
    await start().leave(request({ holdsData: false }), alice);
    const state = request();
    state.res.getHeader = () => ['connect.sid=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT'];
    await start().leave(state, alice);
    expect(whats()).not.toContain('write');
    expect(whats().filter((what) => what === 'delete')).toHaveLength(2);
  });

  test('has its old id again if the ledger fails', async () => {
    ends.set('key of a', 'revoked');
    for (const at of ['ask why', 'end']) {
      fail({ [at]: broken });
      await expect(start().leave(request(), alice)).rejects.toBe(broken);
      expect(done.at(-1)).toEqual(['restore', 'a']);
    }
  });
});

describe('a session that cannot get a new id any more', () => {
  test.each([
    ['sign-out', alice, [['end', 'key of a', 'signed-out', alice]], 'signed-out'],
    ['switch', alice, [['end', 'key of a', 'replaced', alice]], 'replaced'],
    ['sign-in', nobody, [['end new silently', 'key of a', 'replaced']], 'replaced'],
  ] as const)('ends at a %s, and nothing of it is stored', async (change, from, ended, reason) => {
    const state = request();
    const session = await start().cut(state, { kind: 'cut', change, from });
    const gone = { sessionId: undefined, key: 'key of a', user: from.user };
    expect(session).toEqual({ kind: 'ended', ...gone, reason, ended: 'here', first: true });
    expect(state).toMatchObject({ session, withholdsAll: true });
    expect(done).toEqual([...ended, ['delete', 'a']]);
    expect(warnings).toEqual([
      `A session changed its user (${change}) when its id could not change: after the headers of the answer were sent, ` +
        'or without an answer. It was ended. Sign users in and out before you send headers.',
    ]);
  });

  test('is not stored if the ledger fails, either', async () => {
    fail({ end: broken });
    const state = request();
    await expect(start().cut(state, { kind: 'cut', change: 'switch', from: alice })).rejects.toBe(broken);
    expect(state.withholdsAll).toBe(true);
  });
});
