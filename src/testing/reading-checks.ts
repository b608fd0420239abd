import assert from 'node:assert/strict';
import { assertAsCertainAsSaid, type CheckTools, HOUR, openOnly } from './check-tools.js';

/** What every ledger has to do about reads that need not be exact, by name. */
export const readingChecks: Record<string, (tools: CheckTools) => Promise<void>> = {
  'reads durations that are exact, or that say how uncertain they are': async ({ ledger, key, begin, pass }) => {
    await begin();
    const readExactly = async () => openOnly(await ledger.read(key, { exact: true }));
    for (let i = 0; i < 5; i += 1) {
      const before = await readExactly();
      const read = openOnly(await ledger.read(key));
      const after = await readExactly();
      for (const { uncertainty } of [before, after]) assert.equal(uncertainty ?? 0, 0);
      assertAsCertainAsSaid(before, read, after);
      assert.equal(read.user, 'alice');
      await pass(1);
    }
  },

  'reads the same state, exactly or not': async ({ ledger, key, begin }) => {
    const states = async () => [await ledger.read(key), await ledger.read(key, { exact: true })].map((r) => r?.state);
    assert.deepEqual(await states(), [undefined, undefined]);
    await begin();
    assert.deepEqual(await states(), ['open', 'open']);
    await ledger.end(key, { reason: 'revoked', keepFor: HOUR });
    assert.deepEqual(await states(), ['ended', 'ended']);
  },
};
