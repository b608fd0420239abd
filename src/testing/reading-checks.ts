import assert from 'node:assert/strict';
import { HOUR } from '../policy/time.js';
import { type CheckTools } from './check-tools.js';

/** The checks for reads that do not have to be exact, by name. */
export const readingChecks: Record<string, (tools: CheckTools) => Promise<void>> = {
  'reads durations that are exact, or that say how uncertain they are': async ({ begin, pass, readOpen }) => {
    await begin();
    for (let i = 0; i < 5; i += 1) {
      assert.equal((await readOpen()).user, 'alice');
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
