import assert from 'node:assert/strict';
import { HOUR } from '../policy/time.js';
import type { LedgerLimits } from '../ledger/activity-ledger.js';
import type { Expired } from '../ledger/user-sessions.js';
import { assertBetween, endedOnly, inTime, LONG, SHORT } from './check-tools.js';
import type { UserTools } from './user-tools.js';

const idle = (idleTimeout: number): LedgerLimits => ({ idleTimeout, absoluteTimeout: 2 * HOUR });
const absolute = (absoluteTimeout: number): LedgerLimits => ({ idleTimeout: 2 * HOUR, absoluteTimeout });
const OFF: LedgerLimits = { idleTimeout: false, absoluteTimeout: false };
/** Long enough to ask again before it runs out, also on a slow machine. */
const LEASE = 20 * SHORT;

/** The checks for ledgers that find sessions past a limit, by name. */
export const dueChecks: Record<string, (tools: UserTools) => Promise<void>> = {
  'finds a session when its first limit has passed, whichever that is': async ({ key, begin, pass, due }) => {
    await begin(`${key}-idle`, { limits: idle(SHORT) });
    await begin(`${key}-absolute`, { limits: absolute(SHORT) });
    await begin(`${key}-old`, { sessionAge: HOUR, limits: absolute(HOUR + SHORT) });
    await begin(`${key}-later`, { limits: idle(HOUR) });
    await begin(`${key}-never`, { limits: OFF });
    await begin(`${key}-without limits`);
    await pass(2 * SHORT);
    assert.deepEqual((await due()).toSorted(), [`${key}-absolute`, `${key}-idle`, `${key}-old`]);
  },

  'finds a session that was over when it was opened': async ({ key, begin, due }) => {
    await begin(key, { sessionAge: HOUR, limits: absolute(HOUR) });
    assert.deepEqual(await due(), [key]);
  },

  'finds sessions without a user': async ({ ledger, key, users, pass, due }) => {
    await ledger.open(key, { limits: idle(SHORT), keepFor: HOUR });
    await pass(2 * SHORT);
    assert.deepEqual(await due(), [key]);
    const expired = await users.expire(key, { keepFor: HOUR });
    assert.equal(endOf(expired), 'idle');
    assert.equal((expired as { user?: string }).user, undefined);
  },

  'finds no session before its time': async ({ key, begin, due }) => {
    await begin(key, { limits: idle(HOUR) });
    assert.deepEqual(await due(), []);
  },

  'finds the longest overdue first': async ({ key, begin, pass, due }) => {
    // Otherwise, the second session is due after the first.
    const some = await inTime(39 * SHORT, key, async (name) => {
      await begin(`${name}-2`, { limits: idle(40 * SHORT) });
      await begin(`${name}-1`, { limits: idle(SHORT) });
      await begin(`${name}-3`, { limits: absolute(41 * SHORT) });
    });
    await pass(42 * SHORT);
    const found = (await due()).filter((name) => name.startsWith(some));
    assert.deepEqual(found, [`${some}-1`, `${some}-2`, `${some}-3`]);
  },

  'finds a session again only when its lease has run out': async ({ key, begin, pass, due }) => {
    await begin(key, { limits: idle(SHORT) });
    await pass(2 * SHORT);
    assert.deepEqual(await due({ lease: LEASE }), [key]);
    assert.deepEqual(await due({ lease: LEASE }), []);
    await pass(LEASE + SHORT);
    assert.deepEqual(await due(), [key]);
  },

  'finds at most `limit` sessions, and each of them once': async ({ key, users, begin, pass }) => {
    const keys = numbered(key, 7);
    for (const some of keys) await begin(some, { limits: idle(SHORT) });
    await pass(2 * SHORT);
    const found: string[] = [];
    for (;;) {
      const batch = await users.due(3, LONG);
      if (batch.length === 0) break;
      assert.ok(batch.length <= 3, `${batch.length} sessions`);
      found.push(...batch.filter((some) => some.startsWith(key)));
    }
    assert.deepEqual(found.toSorted(), keys);
  },

  'gives many callers at the same time different sessions': async ({ key, begin, pass, due }) => {
    const keys = numbered(key, 40);
    await Promise.all(keys.map((some) => begin(some, { limits: idle(SHORT) })));
    await pass(2 * SHORT);
    const found = (await Promise.all([1, 2, 3].map(() => due({ limit: 5 })))).flat();
    assert.deepEqual(found.toSorted(), keys);
  },

  'does not find sessions that have ended': async ({ key, begin, end, pass, due }) => {
    await begin(`${key}-ended`, { limits: idle(SHORT) });
    await begin(`${key}-open`, { limits: idle(SHORT) });
    await end(`${key}-ended`);
    await pass(2 * SHORT);
    assert.deepEqual(await due(), [`${key}-open`]);
  },

  'ends a session whose time is over, and tells the limit and the user': async (tools) => {
    const { ledger, key, users, user, begin, pass, keys, due } = tools;
    await begin(`${key}-idle`, { limits: idle(SHORT) });
    await begin(`${key}-absolute`, { limits: absolute(SHORT) });
    await pass(2 * SHORT);
    for (const reason of ['idle', 'absolute']) {
      const expired = await users.expire(`${key}-${reason}`, { keepFor: HOUR });
      assert.deepEqual({ ...expired }, { ended: reason, user });
      const tombstone = endedOnly(await ledger.read(`${key}-${reason}`));
      assert.deepEqual([tombstone.reason, tombstone.user], [reason, user]);
      assertBetween(tombstone.endedFor, 0, LONG);
    }
    assert.deepEqual([await keys(), await due()], [[], []]);
  },

  'tells the limit that came first': async ({ key, users, begin, pass }) => {
    await begin(`${key}-1`, { limits: { idleTimeout: SHORT, absoluteTimeout: SHORT + 1 } });
    await begin(`${key}-2`, { limits: { idleTimeout: SHORT, absoluteTimeout: SHORT } });
    await begin(`${key}-3`, { sessionAge: 1, limits: { idleTimeout: SHORT, absoluteTimeout: SHORT } });
    await pass(2 * SHORT);
    const ends = [];
    for (const index of [1, 2, 3]) ends.push(endOf(await users.expire(`${key}-${index}`, { keepFor: HOUR })));
    assert.deepEqual(ends, ['idle', 'absolute', 'absolute']);
  },

  'keeps the tombstone of a session whose time is over for `keepFor`': async ({ ledger, key, users, begin, pass }) => {
    await begin(key, { limits: idle(SHORT) });
    await pass(2 * SHORT);
    assert.equal(endOf(await users.expire(key, { keepFor: SHORT })), 'idle');
    await pass(2 * SHORT);
    assert.equal(await ledger.read(key), undefined);
  },

  'ends a session for one of many callers at the same time': async ({ key, users, begin, pass, end }) => {
    await begin(key, { limits: idle(SHORT) });
    await pass(2 * SHORT);
    const expired = await Promise.all(numbered(key, 20).map(() => users.expire(key, { keepFor: HOUR })));
    assert.deepEqual(expired.filter(Boolean).map(endOf), ['idle']);
    assert.equal(await end(key), false);
  },

  'ends a session once, by its limit or by somebody': async ({ key, users, begin, pass, end }) => {
    await begin(key, { limits: idle(SHORT) });
    await pass(2 * SHORT);
    const [expired, ended] = await Promise.all([users.expire(key, { keepFor: HOUR }), end(key)]);
    assert.equal(expired === undefined, ended);
  },

  'puts off a session that was active': async ({ ledger, key, users, begin, pass, due, readOpen }) => {
    await begin(key, { limits: idle(60 * SHORT) });
    await pass(55 * SHORT);
    await ledger.advance([{ key, idleFor: 0, keepFor: HOUR }]);
    await pass(6 * SHORT);
    assert.deepEqual(await due(), [key]);
    assertBetween(dueIn(await users.expire(key, { keepFor: HOUR })), 1, 54 * SHORT + 1);
    assert.deepEqual(await due(), []);
    await readOpen();
    await pass(55 * SHORT);
    assert.deepEqual(await due(), [key]);
    assert.equal(endOf(await users.expire(key, { keepFor: HOUR })), 'idle');
  },

  'says when the time of a session comes': async ({ key, users, begin }) => {
    await begin(`${key}-1`, { limits: idle(HOUR) });
    assertBetween(dueIn(await users.expire(`${key}-1`, { keepFor: HOUR })), HOUR - LONG, HOUR + 1);
    await begin(`${key}-2`, { sessionAge: HOUR / 2, limits: absolute(HOUR) });
    assertBetween(dueIn(await users.expire(`${key}-2`, { keepFor: HOUR })), HOUR / 2 - LONG, HOUR / 2 + 1);
  },

  'has nothing to do for a session that is unknown, ended or gone': async (tools) => {
    const { key, users, begin, pass, end, due } = tools;
    await begin(`${key}-ended`, { limits: idle(SHORT) });
    await begin(`${key}-gone`, { limits: idle(SHORT), keepFor: SHORT });
    await end(`${key}-ended`);
    await pass(2 * SHORT);
    // A ledger may find a session that is gone, but only once.
    await due({ lease: LEASE });
    for (const which of ['ended', 'gone', 'unknown']) {
      assert.equal(await users.expire(`${key}-${which}`, { keepFor: HOUR }), undefined);
    }
    await pass(LEASE + SHORT);
    assert.deepEqual(await due(), []);
  },

  'judges a session by the longest limits it was told of': async ({ ledger, key, users, begin, pass, due }) => {
    await begin(key, { limits: { idleTimeout: SHORT, absoluteTimeout: HOUR } });
    const activity = { key, idleFor: 0, keepFor: HOUR };
    await pass(1);
    // Also if the activity is no news.
    await ledger.advance([{ ...activity, idleFor: HOUR, limits: { idleTimeout: HOUR, absoluteTimeout: SHORT } }]);
    await pass(1);
    await ledger.advance([{ ...activity, limits: { idleTimeout: 1, absoluteTimeout: 1 } }]);
    await ledger.advance([activity]);
    await pass(2 * SHORT);
    assert.deepEqual(await due(), [key]);
    assertBetween(dueIn(await users.expire(key, { keepFor: HOUR })), HOUR - LONG, HOUR + 1);
  },

  'judges a session by limits that were switched off meanwhile': async ({ ledger, key, users, begin, pass, due }) => {
    await begin(key, { limits: idle(SHORT) });
    await pass(1);
    await ledger.advance([{ key, idleFor: 0, keepFor: HOUR, limits: OFF }]);
    await pass(2 * SHORT);
    assert.deepEqual(await due(), [key]);
    assert.equal(dueIn(await users.expire(key, { keepFor: HOUR })), Infinity);
  },

  'judges a session by the longer of its limits and those of the caller': async ({ key, users, begin, pass, due }) => {
    await begin(key, { limits: { idleTimeout: SHORT, absoluteTimeout: HOUR } });
    await pass(2 * SHORT);
    assert.deepEqual(await due({ lease: LEASE }), [key]);
    const limits = { idleTimeout: HOUR, absoluteTimeout: SHORT };
    assertBetween(dueIn(await users.expire(key, { keepFor: HOUR, limits })), HOUR - LONG, HOUR + 1);
    await pass(LEASE + SHORT);
    assert.deepEqual(await due(), []);
    assert.equal(dueIn(await users.expire(key, { keepFor: HOUR, limits: OFF })), Infinity);
    assert.equal(endOf(await users.expire(key, { keepFor: HOUR, limits: idle(1) })), 'idle');
  },

  'never ends a session without limits': async ({ key, users, begin, due, readOpen }) => {
    await begin(key, { sessionAge: HOUR });
    assert.equal(dueIn(await users.expire(key, { keepFor: HOUR })), Infinity);
    assert.deepEqual(await due(), []);
    await readOpen();
  },

  'ends a session that is leaving, although its time has not come': async (tools) => {
    const { ledger, key, users, user, begin, claim, due } = tools;
    await begin(`${key}-1`, { limits: idle(HOUR) });
    await begin(`${key}-2`);
    await claim(key, { evict: [`${key}-1`, `${key}-2`] });
    assert.deepEqual((await due()).toSorted(), [`${key}-1`, `${key}-2`]);
    for (const some of [`${key}-1`, `${key}-2`]) {
      assert.deepEqual({ ...(await users.expire(some, { keepFor: HOUR })) }, { ended: 'displaced', user });
      assert.equal(endedOnly(await ledger.read(some)).reason, 'displaced');
    }
    assert.deepEqual([(await claim(key)).leaving ?? [], await due()], [[], []]);
  },
};

function numbered(key: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${key}-${String(index).padStart(2, '0')}`);
}

function endOf(expired: Expired | undefined): string {
  assert.ok(expired && 'ended' in expired, 'the session was not ended');
  return expired.ended;
}

function dueIn(expired: Expired | undefined): number {
  assert.ok(expired && 'dueIn' in expired, 'the session was ended, or there was nothing to do');
  return expired.dueIn;
}
