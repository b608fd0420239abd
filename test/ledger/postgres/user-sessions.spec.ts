import { PGlite } from '@electric-sql/pglite';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Opening } from '../../../src/index.js';
import { PostgresLedger } from '../../../src/ledger/postgres/index.js';
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
  let ledger: PostgresLedger;
  let user: string;
  let key: string;
  beforeEach(async () => {
    ledger = new PostgresLedger(subject().client, { table: subject().table });
    await subject().client.query(`DELETE FROM ${subject().table}`);
    user = `user-${randomUUID()}`;
    key = randomUUID();
  });
  afterEach(() => ledger.close());

  const users = () => ledger.users;
  const open = (key: string, opening: Partial<Opening> = {}) =>
    ledger.open(key, { user, keepFor: DAY, limits, ...opening });
  const claim = (key: string, max: number, evict: string[] = [], replaces?: string) =>
    users().claim(user, key, { max, evict, replaces });
  const listed = async () => (await users().ofUser(user)).map(({ key }) => key);
  const state = async (key: string) => (await ledger.read(key))?.state;

  describe('lists', () => {
    test('any text of a device', async () => {
      const device = { browser: 'a\0b\ud83e "\\ 🦊', address: '::1' };
      await open(key, { device });
      expect((await users().ofUser(user))[0]?.device).toEqual(device);
      await subject().client.query(`UPDATE ${subject().table} SET device = '{'`);
      expect((await users().ofUser(user))[0]).toMatchObject({ key, device: undefined });
    });
  });

  describe('gives places', () => {
    test('that are no records until their sessions are opened', async () => {
      await claim(key, 1);
      expect(await state(key)).toBeUndefined();
      await ledger.advance([{ key, idleFor: 0, keepFor: DAY }]);
      expect(await state(key)).toBeUndefined();
      expect(await listed()).toEqual([]);
      expect(await users().expire(key, { keepFor: DAY })).toBeUndefined();
      expect(await users().due(10, MINUTE)).toEqual([]);
      await open(key, { sessionAge: MINUTE });
      const record = await ledger.read(key);
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
      await ledger.prune();
      expect(await subject().stored('a')).toBeUndefined();
    });

    test('to nobody whose session has ended, so that it is not opened', async () => {
      await ledger.end(key, { reason: 'displaced', keepFor: DAY });
      await claim(key, 1);
      expect(await open(key)).toMatchObject({ state: 'ended', reason: 'displaced' });
      expect(await claim('other', 1)).toMatchObject({ admitted: true });
    });
  });

  describe('takes places', () => {
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
    test('by when they were opened, whatever they did since', async () => {
      await open(key);
      await subject().pass(limits.idleTimeout - MINUTE);
      await ledger.advance([{ key, idleFor: 0, keepFor: DAY }]);
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
  });

  describe('ends a session whose time is over', () => {
    test.each([
      ['idle', 0, 15 * MINUTE, 15 * MINUTE, limits],
      ['absolute', 8 * HOUR - MINUTE, MINUTE, MINUTE, limits],
      ['absolute', 0, HOUR, HOUR, { idleTimeout: HOUR, absoluteTimeout: HOUR }],
      ['idle', HOUR - 2 * MINUTE, MINUTE, 10 * MINUTE, { idleTimeout: MINUTE, absoluteTimeout: HOUR }],
      ['absolute', HOUR - MINUTE, MINUTE, 10 * MINUTE, { idleTimeout: 2 * MINUTE, absoluteTimeout: HOUR }],
      ['idle', DAY, HOUR, HOUR, { idleTimeout: HOUR, absoluteTimeout: false }],
      ['absolute', 0, HOUR, HOUR, { idleTimeout: false, absoluteTimeout: HOUR }],
    ] as const)(
      '%s: age %p at opening, over after %p, asked after %p',
      async (reason, sessionAge, over, asked, given) => {
        await open(key, { sessionAge, limits: given });
        await subject().pass(over - SECOND);
        expect(await users().expire(key, { keepFor: DAY })).toEqual({ dueIn: expect.closeTo(SECOND, -3) });
        await subject().pass(asked - over + SECOND);
        expect(await users().expire(key, { keepFor: DAY })).toEqual({ ended: reason, user });
        expect(await users().expire(key, { keepFor: DAY })).toBeUndefined();
        expect(await ledger.read(key)).toMatchObject({ state: 'ended', reason, user });
        expect(await ledger.end(key, { reason: 'revoked', keepFor: DAY })).toBe(false);
        expect(await listed()).toEqual([]);
        expect(await users().due(10, MINUTE)).toEqual([]);
        expect(await subject().stored(key)).toMatchObject({ device: null, place: null, due_at: null });
      },
    );

    test('by limits that activity has made longer, and never shorter', async () => {
      await open(key);
      const advance = (idleTimeout: number | false, absoluteTimeout: number | false, idleFor = 0) =>
        ledger.advance([{ key, idleFor, keepFor: DAY, limits: { idleTimeout, absoluteTimeout } }]);
      await advance(HOUR, MINUTE);
      await advance(MINUTE, false, MINUTE); // Older activity may bring longer limits.
      await ledger.advance([{ key, idleFor: 0, keepFor: DAY }]);
      await subject().pass(50 * MINUTE);
      expect(await users().expire(key, { keepFor: DAY })).toEqual({ dueIn: expect.closeTo(10 * MINUTE, -4) });
      await subject().pass(10 * MINUTE);
      expect(await users().expire(key, { keepFor: DAY })).toEqual({ ended: 'idle', user });
    });

    test('not while its times lie in the future of a clock that was set back', async () => {
      await open(key, { authAge: 0 });
      await subject().pass(-HOUR);
      expect(await users().expire(key, { keepFor: DAY })).toEqual({ dueIn: limits.idleTimeout });
      await subject().pass(-HOUR);
      await ledger.prune();
      await subject().pass(limits.idleTimeout);
      expect((await users().ofUser(user))[0]?.authAge).toBeGreaterThanOrEqual(limits.idleTimeout);
      expect(await users().due(10, MINUTE)).toEqual([key]);
      expect(await users().expire(key, { keepFor: DAY })).toEqual({ ended: 'idle', user });
    });
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
