import assert from 'node:assert/strict';
import { HOUR } from '../policy/time.js';
import { assertBetween, endedOnly, inTime, LONG, openOnly, SHORT } from './check-tools.js';
import { onlyRecord, type UserTools } from './user-tools.js';

const odd = ['', "O'Hara; DROP TABLE", 'Zoë 🦊', '"a\\b"', ' spaced ', '{braces}', 'a:b*?[c]', '🦊'.repeat(256)];
const device = { browser: 'Firefox "ESR"', system: 'Zoë OS 🦊', kind: 'mobile', address: '2001:db8::1' } as const;

/** The checks for ledgers that find the sessions of a user, by name. */
export const userChecks: Record<string, (tools: UserTools) => Promise<void>> = {
  'finds no session of a user who has none': async ({ users, user }) => {
    assert.deepEqual(await users.ofUser(user), []);
  },

  'finds the sessions of a user, the oldest first': async ({ ledger, key, users, user, begin, pass }) => {
    await begin(`${key}-young`);
    await begin(`${key}-old`, { sessionAge: HOUR });
    await begin(`${key}-of another`, { user: `not ${user}` });
    await ledger.open(`${key}-of nobody`, { keepFor: HOUR });
    await pass(SHORT);
    await ledger.advance([{ key: `${key}-old`, idleFor: 0, keepFor: HOUR }]);
    const [old, young, ...more] = await users.ofUser(user);
    assert.deepEqual([old?.key, young?.key, more], [`${key}-old`, `${key}-young`, []]);
    for (const record of [old, young]) assert.equal(openOnly(record).uncertainty ?? 0, 0);
    assertBetween(openOnly(old).sessionAge, HOUR + SHORT - 1, HOUR + LONG);
    assertBetween(openOnly(old).idleFor, 0, openOnly(young).idleFor);
    assertBetween(openOnly(young).idleFor, SHORT - 1, LONG);
    assert.equal(openOnly(young).user, user);
  },

  'tells when the user has authenticated': async ({ key, users, user, begin, pass, readOpen }) => {
    await begin(key, { sessionAge: HOUR, authAge: 2 * HOUR });
    await pass(SHORT);
    for (const record of [await readOpen(), onlyRecord(await users.ofUser(user), key)]) {
      assertBetween(record.sessionAge, HOUR + SHORT - 1, HOUR + LONG);
      assertBetween(record.authAge ?? NaN, 2 * HOUR + SHORT - 1, 2 * HOUR + LONG);
    }
  },

  'tells since when, if that is less than the age of the session': async ({ ledger, key, users, user, begin }) => {
    await begin(key, { sessionAge: HOUR, authAge: 0 });
    for (const record of [await ledger.read(key), onlyRecord(await users.ofUser(user), key)]) {
      assertBetween(openOnly(record).authAge ?? NaN, 0, LONG);
    }
  },

  'counts an authentication in the future as now': async ({ key, begin, readOpen }) => {
    await begin(key, { sessionAge: HOUR, authAge: -HOUR });
    assertBetween((await readOpen()).authAge ?? NaN, 0, LONG);
  },

  'takes the start for the authentication if nothing else is said': async ({ ledger, key, users, user, begin }) => {
    await begin(key, { sessionAge: HOUR });
    for (const record of [await ledger.read(key, { exact: true }), onlyRecord(await users.ofUser(user), key)]) {
      const { authAge, sessionAge } = openOnly(record);
      assert.equal(authAge ?? sessionAge, sessionAge);
    }
  },

  'tells of a user who has never authenticated': async ({ key, users, user, begin, readOpen }) => {
    await begin(key, { authAge: Infinity });
    assert.equal((await readOpen()).authAge, Infinity);
    assert.equal(onlyRecord(await users.ofUser(user), key).authAge, Infinity);
  },

  'takes no nonsense for an authentication': async ({ key, begin, readOpen }) => {
    await begin(key, { authAge: NaN });
    assert.equal((await readOpen()).authAge, Infinity);
  },

  'does not take activity for an authentication': async ({ ledger, key, begin, pass, readOpen }) => {
    await begin(key, { authAge: HOUR });
    await pass(SHORT);
    await ledger.advance([{ key, idleFor: 0, keepFor: HOUR }]);
    assertBetween((await readOpen()).authAge ?? NaN, HOUR + SHORT - 1, HOUR + LONG);
  },

  'writes authentication and device once': async ({ key, users, user, begin }) => {
    await begin(key, { authAge: HOUR, device });
    await begin(key, { authAge: 0, device: { browser: 'Safari' } });
    const record = onlyRecord(await users.ofUser(user), key);
    assert.deepEqual({ ...record.device }, device);
    assertBetween(record.authAge ?? NaN, HOUR, HOUR + LONG);
  },

  'finds sessions with and without a device': async ({ key, users, user, begin }) => {
    await begin(`${key}-1`, { sessionAge: 3 * HOUR, device });
    await begin(`${key}-2`, { sessionAge: 2 * HOUR, device: {} });
    await begin(`${key}-3`, { sessionAge: HOUR });
    const devices = (await users.ofUser(user)).map(({ device = {} }) => device);
    assert.deepEqual(devices, [device, {}, {}]);
  },

  'does not find sessions that have ended': async ({ key, begin, end, keys }) => {
    await begin(`${key}-1`);
    await begin(`${key}-2`);
    await end(`${key}-1`);
    assert.deepEqual(await keys(), [`${key}-2`]);
    await end(`${key}-2`);
    assert.deepEqual(await keys(), []);
  },

  'does not find sessions that were ended before they were opened': async ({ ledger, key, begin, end, keys }) => {
    await end(key);
    await begin();
    endedOnly(await ledger.read(key));
    assert.deepEqual(await keys(), []);
  },

  'does not find sessions after `keepFor`': async ({ key, begin, pass, keys }) => {
    await begin(`${key}-1`, { keepFor: SHORT });
    await begin(`${key}-2`);
    await pass(2 * SHORT);
    assert.deepEqual(await keys(), [`${key}-2`]);
    await begin(`${key}-1`);
    assert.deepEqual(await keys(), [`${key}-1`, `${key}-2`]);
  },

  'finds sessions that activity keeps longer': async ({ ledger, key, begin, pass, keys }) => {
    const keepFor = 20 * SHORT;
    // Otherwise, the record may be gone before the activity comes.
    const kept = await inTime(keepFor, key, async (name) => {
      await begin(name, { keepFor });
      await pass(1);
      await ledger.advance([{ key: name, idleFor: 0, keepFor: HOUR }]);
    });
    await pass(keepFor + SHORT);
    assert.ok((await keys()).includes(kept));
  },

  'keeps a session longer when its limits grow, also if the activity is not the latest': async (tools) => {
    const { ledger, key, pass, readOpen } = tools;
    const keepFor = 20 * SHORT;
    const limits = { idleTimeout: SHORT, absoluteTimeout: 2 * HOUR };
    // Otherwise, the record may be gone before its limits grow.
    const kept = await inTime(keepFor, key, async (name) => {
      await ledger.open(name, { limits, keepFor });
      const longer = { ...limits, idleTimeout: HOUR };
      await ledger.advance([{ key: name, idleFor: HOUR, keepFor: HOUR, limits: longer }]);
    });
    await pass(keepFor + SHORT);
    await readOpen(kept);
  },

  'does not find a released session': async ({ key, users, user, begin, keys, readOpen }) => {
    await begin(key);
    await users.release(user, key);
    assert.deepEqual(await keys(), []);
    assert.equal((await readOpen()).user, user);
    await users.release(user, key);
    await users.release(user, `${key}-unknown`);
  },

  'finds the sessions of users with any name': async ({ ledger, key, users }) => {
    const names = odd.map((user, index) => ({ user, key: `${key}-${index}` }));
    for (const { key, user } of names) {
      const claimed = await users.claim(user, key, { max: Number.MAX_SAFE_INTEGER, evict: [] });
      assert.equal(claimed.admitted, true);
      await ledger.open(key, { user, device: { browser: user }, keepFor: HOUR });
    }
    for (const { key, user } of names) {
      const own = (await users.ofUser(user)).filter((record) => names.some((name) => name.key === record.key));
      assert.deepEqual([onlyRecord(own, key).user, own[0]?.device?.browser], [user, user]);
      await ledger.end(key, { reason: 'signed-out', keepFor: HOUR });
    }
  },

  'refuses users and keys that could break a line of a log or the ledger': async ({ key, users, user }) => {
    const claim = { max: 1, evict: [] };
    for (const unusable of ['a\0', 'a\n', '\u007f', '\ud83e', 'x'.repeat(257)]) {
      // Async, as a ledger may throw or reject.
      await assert.rejects(async () => users.ofUser(unusable), TypeError);
      await assert.rejects(async () => users.claim(unusable, key, claim), TypeError);
      await assert.rejects(async () => users.claim(user, unusable, claim), TypeError);
      await assert.rejects(async () => users.claim(user, key, { max: 1, evict: [unusable] }), TypeError);
      await assert.rejects(async () => users.claim(user, key, { ...claim, replaces: unusable }), TypeError);
      await assert.rejects(async () => users.release(unusable, key), TypeError);
      await assert.rejects(async () => users.release(user, unusable), TypeError);
      await assert.rejects(async () => users.expire(unusable, { keepFor: HOUR }), TypeError);
    }
    assert.equal((await users.claim(user, key, claim)).admitted, true);
  },

  'refuses numbers that make no sense': async ({ ledger, key, users, user }) => {
    for (const nonsense of [NaN, 0, -1, 1.5, Infinity]) {
      await assert.rejects(async () => users.claim(user, key, { max: nonsense, evict: [] }), RangeError);
      await assert.rejects(async () => users.due(nonsense, LONG), RangeError);
    }
    for (const nonsense of [NaN, 0, -1, Infinity]) await assert.rejects(async () => users.due(1, nonsense), RangeError);
    for (const idleTimeout of [NaN, -1]) {
      const limits = { idleTimeout, absoluteTimeout: false } as const;
      await assert.rejects(async () => ledger.open(key, { limits, keepFor: HOUR }), RangeError);
      await assert.rejects(async () => users.expire(key, { limits, keepFor: HOUR }), RangeError);
    }
    assert.equal(await ledger.read(key), undefined);
    assert.equal((await users.claim(user, key, { max: 1, evict: [] })).admitted, true);
  },
};
