import assert from 'node:assert/strict';
import { HOUR } from '../policy/time.js';
import {
  ageAtActivity,
  assertBetween,
  type CheckTools,
  endedOnly,
  inTime,
  LONG,
  openOnly,
  SHORT,
} from './check-tools.js';
import { readingChecks } from './reading-checks.js';

/** The checks for every ledger, by name. */
export const ledgerChecks: Record<string, (tools: CheckTools) => Promise<void>> = {
  'returns no record for a session that was never opened': async ({ ledger, key }) => {
    assert.equal(await ledger.read(key), undefined);
  },

  'opens a session that starts now and was last active now': async ({ ledger, key, readOpen }) => {
    const opened = openOnly(await ledger.open(key, { user: 'alice', keepFor: HOUR }));
    assertBetween(opened.sessionAge, 0, LONG);
    assertBetween(opened.idleFor, 0, LONG);
    assert.equal(opened.user, 'alice');
    assert.equal((await readOpen()).user, 'alice');
  },

  'opens a session without a user': async ({ ledger, key, readOpen }) => {
    assert.equal((await ledger.open(key, { keepFor: HOUR })).user, undefined);
    assert.equal((await readOpen()).user, undefined);
  },

  'opens a session that started earlier and was last active now': async ({ ledger, key, readOpen }) => {
    await ledger.open(key, { sessionAge: HOUR, keepFor: HOUR });
    const record = await readOpen();
    assertBetween(record.sessionAge, HOUR, HOUR + LONG);
    assertBetween(record.idleFor, 0, LONG);
  },

  'writes the start once: a second open returns the existing record': async ({ ledger, key, begin }) => {
    await begin();
    const again = openOnly(await ledger.open(key, { user: 'mallory', sessionAge: HOUR, keepFor: HOUR }));
    assert.equal(again.user, 'alice');
    assertBetween(again.sessionAge, SHORT, LONG);
    assertBetween(again.idleFor, SHORT, LONG);
  },

  'opens once for many callers at the same time': async ({ ledger, key }) => {
    const users = Array.from({ length: 10 }, (_, index) => `user ${index}`);
    const records = await Promise.all(users.map((user) => ledger.open(key, { user, keepFor: HOUR })));
    assert.equal(new Set(records.map(({ user }) => user)).size, 1);
  },

  'lets both times grow while nothing happens': async ({ begin, pass, readOpen }) => {
    await begin();
    const before = await readOpen();
    await pass(SHORT);
    const after = await readOpen();
    assert.ok(after.sessionAge >= before.sessionAge + SHORT - 1);
    assert.ok(after.idleFor >= before.idleFor + SHORT - 1);
  },

  ...readingChecks,

  'records activity and leaves the start unchanged': async ({ ledger, key, begin, readOpen }) => {
    await begin();
    const before = await readOpen();
    await ledger.advance([{ key, idleFor: 0, keepFor: HOUR }]);
    const after = await readOpen();
    assertBetween(ageAtActivity(after), SHORT - 1, LONG);
    assert.ok(after.sessionAge >= before.sessionAge);
  },

  'records activity that was some time ago': async ({ ledger, key, begin, readOpen }) => {
    await begin();
    await ledger.advance([{ key, idleFor: SHORT / 2, keepFor: HOUR }]);
    const record = await readOpen();
    assertBetween(record.idleFor, SHORT / 2 - 1, LONG);
    assertBetween(ageAtActivity(record), SHORT / 2 - 1, LONG);
  },

  'never moves activity back': async ({ ledger, key, begin, readOpen }) => {
    await begin();
    await ledger.advance([{ key, idleFor: 0, keepFor: HOUR }]);
    await ledger.advance([{ key, idleFor: SHORT / 2, keepFor: HOUR }]);
    await ledger.advance([{ key, idleFor: HOUR, keepFor: HOUR }]);
    assertBetween(ageAtActivity(await readOpen()), SHORT - 1, LONG);
  },

  'records no activity from before the start': async ({ ledger, key, readOpen }) => {
    await ledger.open(key, { keepFor: HOUR });
    await ledger.advance([{ key, idleFor: HOUR, keepFor: HOUR }]);
    const { idleFor, sessionAge } = await readOpen();
    assert.ok(idleFor <= sessionAge);
  },

  'records no activity from the future': async ({ ledger, key, begin, pass, readOpen }) => {
    await begin();
    await ledger.advance([{ key, idleFor: -HOUR, keepFor: HOUR }]);
    await pass(SHORT);
    assertBetween((await readOpen()).idleFor, SHORT - 1, LONG);
  },

  'ignores activity whose time is not finite': async ({ ledger, key, begin, readOpen }) => {
    await begin();
    for (const idleFor of [NaN, Infinity]) await ledger.advance([{ key, idleFor, keepFor: HOUR }]);
    assertBetween((await readOpen()).idleFor, SHORT - 1, LONG);
  },

  'creates no record for activity': async ({ ledger, key }) => {
    await ledger.advance([{ key, idleFor: 0, keepFor: HOUR }]);
    assert.equal(await ledger.read(key), undefined);
  },

  'records activity of many sessions at once, known and unknown': async ({ ledger, key, pass }) => {
    const keys = Array.from({ length: 20 }, (_, index) => `${key}-${index}`);
    await Promise.all(keys.map((key) => ledger.open(key, { keepFor: HOUR })));
    await pass(SHORT);
    await ledger.advance([`${key}-unknown`, ...keys].map((key) => ({ key, idleFor: 0, keepFor: HOUR })));
    for (const key of keys) assertBetween(openOnly(await ledger.read(key)).idleFor, 0, LONG);
    assert.equal(await ledger.read(`${key}-unknown`), undefined);
    await ledger.advance([]);
  },

  'records the newest of several activities of one session': async ({ ledger, key, begin, readOpen }) => {
    await begin();
    await ledger.advance([SHORT / 2, 0, HOUR].map((idleFor) => ({ key, idleFor, keepFor: HOUR })));
    assertBetween(ageAtActivity(await readOpen()), SHORT - 1, LONG);
  },

  'ends a session for one caller': async ({ ledger, key, begin }) => {
    await begin();
    assert.equal(await ledger.end(key, { reason: 'revoked', keepFor: HOUR }), true);
    assert.equal(await ledger.end(key, { reason: 'signed-out', keepFor: HOUR }), false);
    const record = endedOnly(await ledger.read(key));
    assert.equal(record.reason, 'revoked');
    assert.equal(record.user, 'alice');
    assertBetween(record.endedFor, 0, LONG);
  },

  'ends a session for one of many callers at the same time': async ({ ledger, key, begin }) => {
    await begin();
    const reasons = ['idle', 'absolute', 'signed-out', 'revoked', 'replaced', 'lost'] as const;
    const ended = await Promise.all(reasons.map((reason) => ledger.end(key, { reason, keepFor: HOUR })));
    assert.deepEqual(ended.filter(Boolean), [true]);
    assert.equal(endedOnly(await ledger.read(key)).reason, reasons[ended.indexOf(true)]);
  },

  'leaves a tombstone even if there was no record': async ({ ledger, key }) => {
    assert.equal(await ledger.end(key, { reason: 'lost', keepFor: HOUR }), true);
    const record = endedOnly(await ledger.read(key));
    assert.equal(record.reason, 'lost');
    assert.equal(record.user, undefined);
    assert.equal(await ledger.end(key, { reason: 'idle', keepFor: HOUR }), false);
  },

  'revives no ended session when it is opened': async ({ ledger, key, begin }) => {
    await begin();
    await ledger.end(key, { reason: 'signed-out', keepFor: HOUR });
    const opened = endedOnly(await ledger.open(key, { user: 'alice', keepFor: HOUR }));
    assert.equal(opened.reason, 'signed-out');
    endedOnly(await ledger.read(key));
  },

  'revives no ended session when there is activity': async ({ ledger, key, begin }) => {
    await begin();
    await ledger.end(key, { reason: 'signed-out', keepFor: HOUR });
    await ledger.advance([{ key, idleFor: 0, keepFor: HOUR }]);
    assert.equal(endedOnly(await ledger.read(key)).reason, 'signed-out');
  },

  'revives no ended session when the end overtakes activity': async ({ ledger, key, begin }) => {
    await begin();
    const activity = { key, idleFor: 0, keepFor: HOUR, within: SHORT };
    await Promise.all([
      ledger.advance([activity]),
      ledger.end(key, { reason: 'revoked', keepFor: HOUR }),
      ledger.advance([activity]),
      ledger.open(key, { keepFor: HOUR }),
    ]);
    assert.equal(endedOnly(await ledger.read(key)).reason, 'revoked');
  },

  'measures the time since the end': async ({ ledger, key, begin, pass }) => {
    await begin();
    await ledger.end(key, { reason: 'idle', keepFor: HOUR });
    await pass(SHORT);
    assertBetween(endedOnly(await ledger.read(key, { exact: true })).endedFor, SHORT - 1, LONG);
  },

  'deletes a record after `keepFor`, and can open the session again': async ({ ledger, key, pass, readOpen }) => {
    await ledger.open(key, { user: 'alice', keepFor: SHORT });
    await pass(2 * SHORT);
    assert.equal(await ledger.read(key), undefined);
    await ledger.open(key, { user: 'bob', keepFor: HOUR });
    assert.equal((await readOpen()).user, 'bob');
  },

  'keeps a record longer when activity asks for it, and never shorter': async ({ ledger, key, pass, readOpen }) => {
    const keepFor = 20 * SHORT;
    // Otherwise, the record may be gone before the activity comes. A ledger that batches activity writes it a little later.
    const kept = await inTime(keepFor / 2, key, async (name) => {
      await ledger.open(name, { keepFor });
      await pass(1);
      await ledger.advance([{ key: name, idleFor: 0, keepFor: HOUR }]);
    });
    await pass(SHORT);
    await ledger.advance([{ key: kept, idleFor: 0, keepFor: SHORT }]);
    await pass(keepFor);
    await readOpen(kept);
  },

  'deletes a tombstone after its own `keepFor`': async ({ ledger, key, begin, pass }) => {
    await begin();
    await ledger.end(key, { reason: 'idle', keepFor: SHORT });
    await pass(2 * SHORT);
    assert.equal(await ledger.read(key), undefined);
    assert.equal(await ledger.end(key, { reason: 'idle', keepFor: HOUR }), true);
  },

  'stores users with any name': async ({ ledger, key }) => {
    const users = ['', "O'Hara; DROP TABLE", 'Zoë 🦊', '"a\\b"', ' spaced ', 'x'.repeat(256), '🦊'.repeat(256)];
    for (const [index, user] of users.entries()) {
      await ledger.open(`${key}-${index}`, { user, keepFor: HOUR });
      assert.equal((await ledger.read(`${key}-${index}`))?.user, user);
    }
  },

  'refuses users and keys that could break a line of a log or the ledger': async ({ ledger, key }) => {
    for (const unusable of ['a\0', 'a\n', '\u007f', '\ud83e', 'x'.repeat(257)]) {
      // Async, as a ledger may throw or reject.
      await assert.rejects(async () => ledger.open(key, { user: unusable, keepFor: HOUR }), TypeError);
      await assert.rejects(async () => ledger.open(unusable, { keepFor: HOUR }), TypeError);
      await assert.rejects(async () => ledger.read(unusable), TypeError);
      await assert.rejects(async () => ledger.advance([{ key: unusable, idleFor: 0, keepFor: HOUR }]), TypeError);
      await assert.rejects(async () => ledger.end(unusable, { reason: 'revoked', keepFor: HOUR }), TypeError);
    }
    assert.equal(await ledger.read(key), undefined);
  },

  'accepts durations that are very long or not whole numbers': async ({ ledger, key, readOpen }) => {
    await ledger.open(key, { sessionAge: 1000.25, keepFor: Number.MAX_SAFE_INTEGER });
    await ledger.advance([{ key, idleFor: 0.125, keepFor: 1e18 }]);
    assertBetween((await readOpen()).sessionAge, 1000, LONG);
    assert.equal(await ledger.end(key, { reason: 'absolute', keepFor: 1e300 }), true);
    endedOnly(await ledger.read(key));
  },
};
