import assert from 'node:assert/strict';
import { HOUR } from '../policy/time.js';
import { endedOnly, SHORT } from './check-tools.js';
import { onlyRecord, type UserTools } from './user-tools.js';

const PARALLEL = 20;

/** The checks for ledgers that keep the number of a user's sessions exact, by name. */
export const placeChecks: Record<string, (tools: UserTools) => Promise<void>> = {
  'gives a place until there are `max`': async ({ key, begin, claim, keys }) => {
    for (const some of [`${key}-1`, `${key}-2`]) {
      const { admitted, leaving = [] } = await claim(some, { max: 2 });
      assert.deepEqual([admitted, leaving], [true, []]);
      await begin(some);
    }
    const { admitted, members = [], leaving = [] } = await claim(`${key}-3`, { max: 2 });
    assert.deepEqual([admitted, members.toSorted(), leaving], [false, [`${key}-1`, `${key}-2`], []]);
    assert.deepEqual(await keys(), [`${key}-1`, `${key}-2`]);
    assert.equal((await claim(`${key}-3`, { max: 3 })).admitted, true);
  },

  'counts a place that is claimed and not opened yet': async ({ key, claim, keys }) => {
    await claim(`${key}-1`);
    const { admitted, members } = await claim(`${key}-2`);
    assert.deepEqual([admitted, members], [false, [`${key}-1`]]);
    assert.deepEqual(await keys(), []);
  },

  'counts sessions that were opened without a claim': async ({ key, begin, claim }) => {
    await begin(`${key}-1`);
    const { admitted, members } = await claim(`${key}-2`);
    assert.deepEqual([admitted, members], [false, [`${key}-1`]]);
  },

  'does not count sessions of others, or without a user': async ({ ledger, key, users, user, begin, claim }) => {
    await begin(`${key}-1`, { user: `not ${user}` });
    await users.claim(`not ${user}`, `${key}-2`, { max: 2, evict: [] });
    await ledger.open(`${key}-3`, { keepFor: HOUR });
    assert.equal((await claim(key)).admitted, true);
  },

  'admits a session again that has a place, and changes nothing': async ({ key, begin, claim, keys }) => {
    for (const some of [`${key}-1`, `${key}-2`]) await claim(some, { max: 2 });
    assert.equal((await claim(`${key}-1`, { max: 2 })).admitted, true);
    await begin(`${key}-1`);
    const again = await claim(`${key}-1`, { max: 1, evict: [`${key}-2`] });
    assert.deepEqual([again.admitted, again.leaving ?? []], [true, []]);
    await begin(`${key}-2`);
    assert.deepEqual(await keys(), [`${key}-1`, `${key}-2`]);
    assert.equal((await claim(`${key}-3`, { max: 2 })).admitted, false);
  },

  'frees the place of a session that has ended': async ({ key, begin, claim, end }) => {
    await claim(`${key}-1`);
    await begin(`${key}-1`);
    await end(`${key}-1`);
    assert.equal((await claim(`${key}-2`)).admitted, true);
    await begin(`${key}-2`);
    assert.equal((await claim(`${key}-1`)).admitted, false);
  },

  'frees the place of a session that ended before it was opened': async ({ key, claim, end }) => {
    await claim(`${key}-1`);
    await end(`${key}-1`);
    assert.equal((await claim(`${key}-2`)).admitted, true);
  },

  'frees the place of a session whose record is gone': async ({ key, begin, claim, pass }) => {
    await claim(`${key}-1`);
    await begin(`${key}-1`, { keepFor: SHORT });
    await pass(2 * SHORT);
    assert.equal((await claim(`${key}-2`)).admitted, true);
  },

  'frees a place that is released, opened or not': async ({ key, users, user, begin, claim }) => {
    await claim(`${key}-1`);
    await users.release(user, `${key}-1`);
    assert.equal((await claim(`${key}-2`)).admitted, true);
    await begin(`${key}-2`);
    await users.release(user, `${key}-2`);
    assert.equal((await claim(`${key}-3`)).admitted, true);
  },

  'takes the place of others, who are leaving until they have ended': async (tools) => {
    const { key, begin, claim, end, keys } = tools;
    await begin(`${key}-1`);
    await begin(`${key}-2`);
    const { admitted, leaving = [] } = await claim(key, { max: 2, evict: [`${key}-1`] });
    assert.deepEqual([admitted, leaving], [true, [`${key}-1`]]);
    await begin();
    // It is still open, so a call that ends all sessions of the user has to find it.
    assert.deepEqual(await keys(), [key, `${key}-1`, `${key}-2`]);

    const refused = await claim(`${key}-3`, { max: 2 });
    assert.deepEqual([refused.admitted, refused.leaving], [false, [`${key}-1`]]);
    assert.deepEqual(refused.members?.toSorted(), [key, `${key}-2`]);
    const later = await claim(`${key}-3`, { max: 2, evict: [`${key}-2`] });
    assert.deepEqual([later.admitted, later.leaving?.toSorted()], [true, [`${key}-1`, `${key}-2`]]);

    await end(`${key}-1`);
    assert.deepEqual((await claim(`${key}-3`)).leaving, [`${key}-2`]);
    await end(`${key}-2`);
    assert.deepEqual((await claim(`${key}-3`)).leaving ?? [], []);
    assert.deepEqual(await keys(), [key]);
  },

  'takes a place that is claimed and not opened yet': async ({ ledger, key, begin, claim, end, keys }) => {
    await claim(`${key}-1`);
    const { admitted, leaving } = await claim(`${key}-2`, { evict: [`${key}-1`] });
    assert.deepEqual([admitted, leaving], [true, [`${key}-1`]]);
    await end(`${key}-1`);
    await begin(`${key}-1`);
    endedOnly(await ledger.read(`${key}-1`));
    await begin(`${key}-2`);
    assert.deepEqual([await keys(), (await claim(`${key}-2`)).leaving ?? []], [[`${key}-2`], []]);
  },

  'forgets that a session is leaving when it is released': async ({ key, users, user, begin, claim }) => {
    await begin(`${key}-1`);
    await claim(`${key}-2`, { evict: [`${key}-1`] });
    await users.release(user, `${key}-1`);
    assert.deepEqual((await claim(`${key}-2`)).leaving ?? [], []);
  },

  'gives an open session that has given up its place another one': async ({ key, users, user, begin, claim }) => {
    const device = { browser: 'Firefox' };
    await begin(key, { device });
    for (const next of [{ evict: [key] }, { replaces: key }]) {
      await claim(`${key}-1`, next);
      assert.equal((await claim(key, { replaces: `${key}-1` })).admitted, true);
      await users.release(user, `${key}-1`);
      assert.deepEqual(onlyRecord(await users.ofUser(user), key).device, device);
      const { admitted, members, leaving = [] } = await claim(`${key}-2`);
      assert.deepEqual([admitted, members, leaving], [false, [key], []]);
      assert.ok('dueIn' in ((await users.expire(key, { keepFor: HOUR })) ?? {}), 'the session was ended');
    }
  },

  'evicts only as part of an admission': async ({ key, begin, claim }) => {
    for (const some of [`${key}-1`, `${key}-2`, `${key}-3`]) await begin(some);
    const { admitted, members = [], leaving = [] } = await claim(key, { max: 2, evict: [`${key}-1`] });
    assert.deepEqual([admitted, leaving], [false, []]);
    assert.deepEqual(members.toSorted(), [`${key}-1`, `${key}-2`, `${key}-3`]);
  },

  'evicts only sessions of the same user': async ({ ledger, key, users, user, begin, claim }) => {
    const other = `not ${user}`;
    await begin(`${key}-1`);
    await begin(`${key}-2`, { user: other });
    await ledger.open(`${key}-3`, { keepFor: HOUR });
    const evict = [1, 2, 3, 4].map((index) => `${key}-${index}`);
    assert.deepEqual((await claim(key, { evict })).leaving, [`${key}-1`]);
    const { members, leaving = [] } = await users.claim(other, key, { max: 1, evict: [] });
    assert.deepEqual([members, leaving], [[`${key}-2`], []]);
  },

  'gives the place of a session to the one that replaces it': async ({ key, begin, claim, end, keys }) => {
    await begin(`${key}-1`);
    await begin(`${key}-2`);
    const { admitted, leaving = [] } = await claim(key, { max: 2, evict: [], replaces: `${key}-1` });
    assert.deepEqual([admitted, leaving], [true, []]);
    await begin();
    // It is still open, so a call that ends all sessions of the user has to find it.
    assert.deepEqual(await keys(), [key, `${key}-1`, `${key}-2`]);
    const refused = await claim(`${key}-3`, { max: 2 });
    assert.deepEqual(
      [refused.admitted, refused.members?.toSorted(), refused.leaving ?? []],
      [false, [key, `${key}-2`], []],
    );
    await end(`${key}-1`);
    assert.deepEqual(await keys(), [key, `${key}-2`]);
    assert.equal((await claim(`${key}-3`, { max: 2 })).admitted, false);
  },

  'refuses no session that replaces another one, even if there are too many': async ({ key, begin, claim }) => {
    for (const index of [1, 2, 3]) await begin(`${key}-${index}`);
    const { admitted, leaving = [] } = await claim(key, { replaces: `${key}-2` });
    assert.deepEqual([admitted, leaving], [true, []]);
    const refused = await claim(`${key}-4`, { replaces: `${key}-2` });
    assert.deepEqual(
      [refused.admitted, refused.members?.toSorted(), refused.leaving ?? []],
      [false, [key, `${key}-1`, `${key}-3`], []],
    );
  },

  'does not count twice a session that is replaced again and again': async ({ key, begin, claim, keys }) => {
    await begin(`${key}-1`);
    await begin(`${key}-2`);
    for (const [next, before] of [
      [`${key}-3`, `${key}-2`],
      // The process of the earlier claim died before it opened the session, so the user goes on with the first session.
      [`${key}-4`, `${key}-2`],
    ] as const) {
      const { admitted } = await claim(next, { max: 3, evict: [], replaces: before });
      assert.equal(admitted, true);
    }
    await begin(`${key}-4`);
    assert.deepEqual(await keys(), [`${key}-1`, `${key}-2`, `${key}-4`]);
  },

  'gives no more places than `max` to many callers at the same time': async ({ key, users, user }) => {
    for (const max of [1, 3]) {
      const claims = await Promise.all(
        numbered(`${key}-${max}`).map((some) => users.claim(`${user} ${max}`, some, { max, evict: [] })),
      );
      assert.equal(claims.filter(({ admitted }) => admitted).length, max);
      for (const { admitted, members } of claims) if (!admitted) assert.equal(members?.length, max);
    }
  },

  'gives a place to one caller of many who would evict the same session': async ({ key, begin, claim }) => {
    await begin();
    const claims = await Promise.all(numbered(key).map((some) => claim(some, { evict: [key] })));
    assert.equal(claims.filter(({ admitted }) => admitted).length, 1);
  },

  'keeps `max` sessions when many users sign in at the same time': async (tools) => {
    const { ledger, key, users, user } = tools;
    for (const max of [1, 3]) {
      const someone = `${user} ${max}`;
      await Promise.all(numbered(`${key}-${max}`).map((some) => signIn({ ...tools, user: someone }, some, max)));
      const records = await users.ofUser(someone);
      assert.equal(records.length, max);
      for (const record of records) await ledger.end(record.key, { reason: 'signed-out', keepFor: HOUR });
    }
  },
};

function numbered(key: string): string[] {
  return Array.from({ length: PARALLEL }, (_, index) => `${key}-${index}`);
}

/** Signs in. Ends other sessions of the user if there are too many. */
async function signIn({ ledger, users, user }: UserTools, key: string, max: number): Promise<void> {
  let evict: readonly string[] = [];
  for (let attempts = 0; attempts < 10 * PARALLEL; attempts += 1) {
    const { admitted, members = [], leaving = [] } = await users.claim(user, key, { max, evict });
    if (admitted) {
      await ledger.open(key, { user, keepFor: HOUR });
      for (const some of leaving) await ledger.end(some, { reason: 'displaced', keepFor: HOUR });
      return;
    }
    evict = members.slice(0, members.length + 1 - max);
  }
  assert.fail('a session got no place, although it evicted others');
}
