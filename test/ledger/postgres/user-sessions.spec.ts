import { PGlite } from '@electric-sql/pglite';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Opening } from '../../../src/index.js';
import {
  anyPostgres,
  describeWithPostgres,
  poolOn,
  type TestPostgres,
} from '../../instances/support/postgres-server.js';
import { DAY, HOUR, MINUTE, SECOND } from '../../support/time.js';
import { anyTable, type Subject, subjectOn } from './support/postgres-tables.js';

const limits = { idleTimeout: 15 * MINUTE, absoluteTimeout: 8 * HOUR };

function checks(subject: () => Subject): void {
  let user: string;
  let key: string;
  beforeEach(async () => {
    await subject().client.query(`DELETE FROM ${subject().table}`);
    user = `user-${randomUUID()}`;
    key = randomUUID();
  });

  const users = () => subject().ledger.users;
  const open = (key: string, opening: Partial<Opening> = {}) =>
    subject().ledger.open(key, { user, keepFor: DAY, limits, ...opening });
  const claim = (key: string, max: number, evict: string[] = [], replaces?: string) =>
    users().claim(user, key, { max, evict, replaces });
  const listed = async () => (await users().ofUser(user)).map(({ key }) => key);
  const state = async (key: string) => (await subject().ledger.read(key))?.state;

  describe('lists', () => {
    test('the open sessions of a user, the oldest first, and nobody else’s', async () => {
      await open('second', { sessionAge: MINUTE });
      await open('first', { sessionAge: HOUR, authAge: Infinity, device: { browser: 'Firefox', kind: 'desktop' } });
      await open('third', { authAge: 5 * MINUTE });
      await open('ended');
      await subject().ledger.end('ended', { reason: 'signed-out', keepFor: DAY });
      await open('past', { keepFor: 1 });
      await open('other', { user: `${user}2` });
      await open('nobody', { user: undefined });
      await subject().client.query(
        `UPDATE ${subject().table} SET forget_at = now() - interval '1 s' WHERE key = 'past'`,
      );

      const [first, second, third, ...others] = await users().ofUser(user);
      expect(others).toEqual([]);
      expect(first).toMatchObject({ key: 'first', state: 'open', user, authAge: Infinity });
      expect(first?.device).toEqual({ browser: 'Firefox', kind: 'desktop' });
      expect(first?.sessionAge).toBeGreaterThanOrEqual(HOUR);
      expect(second).toMatchObject({ key: 'second', authAge: second!.sessionAge });
      expect(second?.device).toBeUndefined();
      expect(third?.authAge).toBeGreaterThanOrEqual(5 * MINUTE);
      expect(third?.authAge).toBeLessThan(6 * MINUTE);
      expect(third?.sessionAge).toBeLessThan(MINUTE);
    });

    test('any text of a device', async () => {
      const device = { browser: 'a\0b\ud83e "\\ 🦊', address: '::1' };
      await open(key, { device });
      expect((await users().ofUser(user))[0]?.device).toEqual(device);
      await subject().client.query(`UPDATE ${subject().table} SET device = '{'`);
      expect((await users().ofUser(user))[0]).toMatchObject({ key, device: undefined });
    });
  });

  describe('gives places', () => {
    test('up to the limit, also to sessions that are not opened yet', async () => {
      expect(await claim('a', 2)).toEqual({ admitted: true, leaving: [] });
      expect(await claim('b', 2)).toEqual({ admitted: true, leaving: [] });
      const refused = await claim('c', 2);
      expect(refused).toMatchObject({ admitted: false, leaving: [] });
      expect([...(refused.members ?? [])].toSorted()).toEqual(['a', 'b']);
      expect(await claim('c', 3)).toMatchObject({ admitted: true });
    });

    test('that are no records until their sessions are opened', async () => {
      await claim(key, 1);
      expect(await state(key)).toBeUndefined();
      await subject().ledger.advance([{ key, idleFor: 0, keepFor: DAY }]);
      expect(await state(key)).toBeUndefined();
      expect(await listed()).toEqual([]);
      expect(await users().expire(key, { keepFor: DAY })).toBeUndefined();
      expect(await users().due(10, MINUTE)).toEqual([]);
      await open(key, { sessionAge: MINUTE });
      const record = await subject().ledger.read(key);
      expect(record).toMatchObject({ state: 'open', user });
      expect(record?.state === 'open' && record.sessionAge).toBeGreaterThanOrEqual(MINUTE);
      expect(await listed()).toEqual([key]);
      expect(await claim('other', 1)).toMatchObject({ admitted: false, members: [key] });
    });

    test('for a minute, if the session is not opened', async () => {
      await claim('a', 1);
      await subject().pass(MINUTE - SECOND);
      expect(await claim('b', 1)).toMatchObject({ admitted: false });
      await subject().pass(2 * SECOND);
      expect(await claim('b', 1)).toMatchObject({ admitted: true });
      await subject().ledger.prune();
      expect(await subject().stored('a')).toBeUndefined();
    });

    test('again once a session has ended, or its record is gone', async () => {
      await claim('a', 1);
      await open('a', { keepFor: HOUR });
      await subject().ledger.end('a', { reason: 'signed-out', keepFor: DAY });
      expect(await claim('b', 1)).toMatchObject({ admitted: true });
      await open('b', { keepFor: HOUR });
      await subject().pass(2 * HOUR);
      expect(await claim('c', 1)).toMatchObject({ admitted: true });
    });

    test('once, however often it is asked for', async () => {
      await claim('a', 1);
      expect(await claim('a', 1)).toEqual({ admitted: true, leaving: [] });
      await open('a');
      await open('b', { device: { browser: 'Safari' } });
      expect(await claim('a', 1, ['b'])).toEqual({ admitted: true, leaving: [] });
      expect((await users().ofUser(user)).map(({ device }) => device)).toEqual([undefined, { browser: 'Safari' }]);
    });

    test('counting sessions that were opened without asking', async () => {
      await open('a');
      await open('b');
      expect(await claim('c', 2)).toMatchObject({ admitted: false });
      expect(await claim('c', 3)).toMatchObject({ admitted: true });
    });

    test('to nobody whose session has ended, so that it is not opened', async () => {
      await subject().ledger.end(key, { reason: 'displaced', keepFor: DAY });
      await claim(key, 1);
      expect(await open(key)).toMatchObject({ state: 'ended', reason: 'displaced' });
      expect(await claim('other', 1)).toMatchObject({ admitted: true });
    });

    test('of each user by itself', async () => {
      await claim('a', 1);
      expect(await users().claim(`${user}2`, 'b', { max: 1, evict: [] })).toMatchObject({ admitted: true });
    });

    test.each([NaN, 0, -1, '2', undefined, null])('but not up to a limit of %p', async (max) => {
      await expect(claim(key, max as number)).rejects.toThrow(/max must be a number of at least 1, but is/);
    });
  });

  describe('takes places', () => {
    test('of sessions that are told to leave, until they have ended', async () => {
      for (const each of ['a', 'b']) {
        await claim(each, 2);
        await open(each);
      }
      expect(await claim('c', 2, ['a'])).toEqual({ admitted: true, leaving: ['a'] });
      expect(await state('a')).toBe('open');
      // The caller crashes here. The next one ends it as well.
      expect(await claim('d', 2, ['b'])).toEqual({ admitted: true, leaving: expect.arrayContaining(['a', 'b']) });
      await subject().ledger.end('a', { reason: 'displaced', keepFor: DAY });
      const refused = await claim('e', 2);
      expect(refused.leaving).toEqual(['b']);
      expect(refused.members?.toSorted()).toEqual(['c', 'd']);
    });

    test('and changes nothing if that is not enough', async () => {
      for (const each of ['a', 'b', 'c']) await open(each);
      expect(await claim('d', 2, ['a'])).toMatchObject({ admitted: false, leaving: [] });
      expect(await claim('d', 2, ['a', 'b'])).toMatchObject({ admitted: true });
    });

    test('of sessions that it replaces, which are not told to leave', async () => {
      await claim('a', 1);
      await open('a');
      expect(await claim('b', 1, [], 'a')).toEqual({ admitted: true, leaving: [] });
      expect(await claim('c', 1)).toMatchObject({ admitted: false, members: ['b'] });
      // It is still open, so a list that is used to end all sessions has to contain it.
      expect(await listed()).toEqual(['a']);
    });

    test('only of sessions of the same user', async () => {
      await open('a', { user: `${user}2` });
      expect(await claim('b', 1, ['a'], 'a')).toEqual({ admitted: true, leaving: [] });
      expect(await users().claim(`${user}2`, 'c', { max: 1, evict: [] })).toMatchObject({ admitted: false });
    });

    test('back, if there is room again', async () => {
      await claim('a', 1);
      await claim('b', 1, ['a']);
      expect(await claim('a', 2)).toEqual({ admitted: true, leaving: [] });
      expect(await claim('c', 2)).toMatchObject({ admitted: false });
    });

    test('of a session before it is opened: it is due at once then', async () => {
      await claim('a', 1);
      expect(await claim('b', 1, ['a'])).toEqual({ admitted: true, leaving: ['a'] });
      await open('a');
      expect(await users().due(10, MINUTE)).toEqual(['a']);
      expect(await users().expire('a', { keepFor: DAY })).toEqual({ ended: 'displaced', user });
      expect(await state('a')).toBe('ended');
    });
  });

  describe('releases', () => {
    test('a place that is not needed', async () => {
      await claim('a', 1);
      await users().release(user, 'a');
      expect(await claim('b', 1)).toMatchObject({ admitted: true });
      await open('a');
      expect(await listed()).toEqual(['a']);
    });

    test('a session that was told to leave', async () => {
      await open('a');
      await claim('b', 1, ['a']);
      await users().release(user, 'a');
      expect(await claim('b', 1)).toEqual({ admitted: true, leaving: [] });
      expect(await listed()).toEqual([]);
      expect(await users().expire('a', { keepFor: DAY })).toEqual({ dueIn: expect.any(Number) });
    });

    test('nothing of another user', async () => {
      await claim('a', 1);
      await users().release(`${user}2`, 'a');
      expect(await claim('b', 1)).toMatchObject({ admitted: false });
    });
  });

  describe('finds sessions whose time may be over', () => {
    test('the longest overdue first, each for one caller until its lease runs out', async () => {
      await open('c', { sessionAge: limits.absoluteTimeout - 3 * MINUTE });
      await open('a', { sessionAge: limits.absoluteTimeout + MINUTE });
      await open('b', { sessionAge: limits.absoluteTimeout });
      await open('not yet');
      await open('never', { limits: { idleTimeout: false, absoluteTimeout: false } });
      await open('unknown', { limits: undefined });
      expect(await users().due(1, MINUTE)).toEqual(['a']);
      expect(await users().due(10, MINUTE)).toEqual(['b']);
      expect(await users().due(10, MINUTE)).toEqual([]);
      await subject().pass(MINUTE);
      expect((await users().due(10, MINUTE)).toSorted()).toEqual(['a', 'b']);
      await subject().pass(2 * MINUTE);
      expect((await users().due(10, MINUTE)).toSorted()).toEqual(['a', 'b', 'c']);
    });

    test('by when they were opened, whatever they did since', async () => {
      await open(key);
      await subject().pass(limits.idleTimeout - MINUTE);
      await subject().ledger.advance([{ key, idleFor: 0, keepFor: DAY }]);
      await subject().pass(MINUTE);
      expect(await users().due(10, MINUTE)).toEqual([key]);
      const expired = await users().expire(key, { keepFor: DAY });
      expect(expired).toEqual({ dueIn: expect.any(Number) });
      expect((expired as { dueIn: number }).dueIn / MINUTE).toBeCloseTo(14, 0);
      await subject().pass(13 * MINUTE);
      expect(await users().due(10, MINUTE)).toEqual([]);
      await subject().pass(MINUTE);
      expect(await users().due(10, MINUTE)).toEqual([key]);
    });

    test('not those that have ended', async () => {
      await open(key, { sessionAge: limits.absoluteTimeout });
      await subject().ledger.end(key, { reason: 'signed-out', keepFor: DAY });
      expect(await users().due(10, MINUTE)).toEqual([]);
    });

    test.each([
      [NaN, 1],
      [0, 1],
      [1, NaN],
      [1, 0],
      [1, -1],
    ])('but not %p for %p ms', async (limit, lease) => {
      await expect(users().due(limit, lease)).rejects.toThrow(/(limit|lease) must be a number of at least 1/);
    });

    test('without an end of numbers', async () => {
      await open(key, { sessionAge: limits.absoluteTimeout });
      expect(await users().due(Infinity, Infinity)).toEqual([key]);
      expect(await users().claim(user, 'b', { max: Infinity, evict: [] })).toMatchObject({ admitted: true });
    });
  });

  describe('ends a session whose time is over', () => {
    const table = [
      ['idle', 0, 15 * MINUTE, limits],
      ['absolute', 8 * HOUR - MINUTE, MINUTE, limits],
      ['absolute', 8 * HOUR, 0, limits],
      ['absolute', 0, HOUR, { idleTimeout: HOUR, absoluteTimeout: HOUR }],
      ['idle', HOUR - 2 * MINUTE, 10 * MINUTE, { idleTimeout: MINUTE, absoluteTimeout: HOUR }],
      ['absolute', HOUR - MINUTE, 10 * MINUTE, { idleTimeout: 2 * MINUTE, absoluteTimeout: HOUR }],
      ['idle', DAY, HOUR, { idleTimeout: HOUR, absoluteTimeout: false }],
      ['absolute', 0, HOUR, { idleTimeout: false, absoluteTimeout: HOUR }],
    ] as const;
    test.each(table)('%s: age %p at opening, %p ms later, limits %p', async (reason, sessionAge, later, given) => {
      await open(key, { sessionAge, limits: given });
      if (later > 0) {
        await subject().pass(later - SECOND);
        if (sessionAge + later <= HOUR || later === 15 * MINUTE) {
          expect(await users().expire(key, { keepFor: DAY })).toEqual({ dueIn: expect.any(Number) });
        }
        await subject().pass(SECOND);
      }
      expect(await users().expire(key, { keepFor: DAY })).toEqual({ ended: reason, user });
      expect(await users().expire(key, { keepFor: DAY })).toBeUndefined();
      expect(await subject().ledger.read(key)).toMatchObject({ state: 'ended', reason, user });
      expect(await subject().ledger.end(key, { reason: 'revoked', keepFor: DAY })).toBe(false);
      expect(await listed()).toEqual([]);
      expect(await users().due(10, MINUTE)).toEqual([]);
      expect(await subject().stored(key)).toMatchObject({ device: null, place: null, due_at: null });
    });

    test('and keeps its tombstone as long as it is told', async () => {
      await open(key, { user: undefined });
      await subject().pass(HOUR);
      expect(await users().expire(key, { keepFor: MINUTE })).toEqual({ ended: 'idle' });
      await subject().pass(MINUTE);
      expect(await state(key)).toBeUndefined();
    });

    test('by the longer limits, each for itself', async () => {
      await open(key, { limits: { idleTimeout: MINUTE, absoluteTimeout: HOUR } });
      await subject().pass(2 * MINUTE);
      const ask = (idleTimeout: number | false, absoluteTimeout: number | false) =>
        users().expire(key, { keepFor: DAY, limits: { idleTimeout, absoluteTimeout } });
      expect(await ask(10 * MINUTE, 1)).toEqual({ dueIn: expect.closeTo(8 * MINUTE, -4) });
      expect(await ask(false, 1)).toEqual({ dueIn: expect.closeTo(58 * MINUTE, -4) });
      expect(await ask(false, false)).toEqual({ dueIn: Infinity });
      await subject().pass(HOUR);
      expect(await users().due(10, MINUTE)).toEqual([]);
      expect(await ask(1, 1)).toEqual({ ended: 'idle', user });
    });

    test('by limits that activity has made longer, and never shorter', async () => {
      await open(key);
      const advance = (idleTimeout: number | false, absoluteTimeout: number | false, idleFor = 0) =>
        subject().ledger.advance([{ key, idleFor, keepFor: DAY, limits: { idleTimeout, absoluteTimeout } }]);
      await advance(HOUR, MINUTE);
      await advance(MINUTE, false, MINUTE); // Older activity may bring longer limits.
      await subject().ledger.advance([{ key, idleFor: 0, keepFor: DAY }]);
      await subject().pass(50 * MINUTE);
      expect(await users().expire(key, { keepFor: DAY })).toEqual({ dueIn: expect.closeTo(10 * MINUTE, -4) });
      await subject().pass(10 * MINUTE);
      expect(await users().expire(key, { keepFor: DAY })).toEqual({ ended: 'idle', user });
    });

    test('or not, if there are no limits', async () => {
      await open(key, { limits: undefined, sessionAge: 10 * DAY });
      expect(await users().expire(key, { keepFor: DAY })).toEqual({ dueIn: Infinity });
      expect(await users().expire(`${key}-unknown`, { keepFor: DAY })).toBeUndefined();
    });

    test('or as displaced, if it was told to leave', async () => {
      await open('a');
      await claim('b', 1, ['a']);
      expect(await users().due(10, MINUTE)).toEqual(['a']);
      expect(await users().expire('a', { keepFor: DAY })).toEqual({ ended: 'displaced', user });
      expect(await claim('b', 1)).toEqual({ admitted: true, leaving: [] });
    });

    test('not while its times lie in the future of a clock that was set back', async () => {
      await open(key, { authAge: 0 });
      await subject().pass(-HOUR);
      expect(await users().expire(key, { keepFor: DAY })).toEqual({ dueIn: limits.idleTimeout });
      await subject().pass(-HOUR);
      await subject().ledger.prune();
      await subject().pass(limits.idleTimeout);
      expect((await users().ofUser(user))[0]?.authAge).toBeGreaterThanOrEqual(limits.idleTimeout);
      expect(await users().due(10, MINUTE)).toEqual([key]);
      expect(await users().expire(key, { keepFor: DAY })).toEqual({ ended: 'idle', user });
    });
  });

  test('refuses keys and users that no ledger can store', async () => {
    for (const unusable of ['a\0', 'a\n', 'x'.repeat(257)]) {
      await expect(users().ofUser(unusable)).rejects.toThrow(TypeError);
      await expect(users().claim(unusable, key, { max: 1, evict: [] })).rejects.toThrow(TypeError);
      await expect(claim(unusable, 1)).rejects.toThrow(TypeError);
      await expect(claim(key, 1, [unusable])).rejects.toThrow(TypeError);
      await expect(claim(key, 1, [], unusable)).rejects.toThrow(TypeError);
      await expect(users().release(unusable, key)).rejects.toThrow(TypeError);
      await expect(users().release(user, unusable)).rejects.toThrow(TypeError);
      await expect(users().expire(unusable, { keepFor: DAY })).rejects.toThrow(TypeError);
    }
  });
}

describe('PostgresLedger on PGlite', () => {
  let database: PGlite;
  let subject: Subject;
  beforeAll(async () => {
    database = await PGlite.create();
    subject = await subjectOn(database, anyTable());
  });
  afterAll(async () => {
    subject?.ledger.close();
    await database?.close();
  });
  checks(() => subject);
});

describeWithPostgres('PostgresLedger on Postgres', () => {
  let server: TestPostgres;
  let pool: pg.Pool;
  let subject: Subject;
  beforeAll(async () => {
    server = await anyPostgres();
    pool = poolOn(server.url);
    subject = await subjectOn(pool, anyTable());
  });
  afterAll(async () => {
    subject?.ledger.close();
    await pool?.query(`DROP TABLE IF EXISTS ${subject.table}`);
    await pool?.end();
    await server?.stop();
  });
  checks(() => subject);
});
