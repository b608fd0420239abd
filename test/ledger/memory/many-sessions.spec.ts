import { spawnSync } from 'node:child_process';
import { MemoryLedger } from '../../../src/ledger/memory/memory-ledger.js';
import { ManualClock } from '../../../src/testing/index.js';
import { DAY, HOUR, MINUTE } from '../../support/time.js';

const keepFor = DAY;
const limits = { idleTimeout: 15 * MINUTE, absoluteTimeout: 12 * HOUR };

/** Compares the time of questions among 1,000 and among 100,000 sessions. */
function expectNoSearch(fill: (upTo: number) => void, timeOfQuestions: () => number): void {
  fill(1000);
  timeOfQuestions();
  const few = Math.min(...Array.from({ length: 10 }, timeOfQuestions));
  fill(100_000);
  const many = Math.min(...Array.from({ length: 10 }, timeOfQuestions));
  // A look through all of them would take a hundred times as long.
  expect(many).toBeLessThan(few * 20);
}

describe('the memory ledger', () => {
  let ledger: MemoryLedger;
  beforeEach(() => {
    ledger = new MemoryLedger({ clock: new ManualClock() });
  });
  afterEach(() => ledger.close());

  test('keeps no process alive with its timer', () => {
    const program = `
      import { MemoryLedger } from ${JSON.stringify(new URL('../../../dist/index.js', import.meta.url).href)};
      new MemoryLedger().open('key', { keepFor: 1e9 });
    `;
    const { status, signal } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      timeout: 20_000,
    });
    expect({ status, signal }).toEqual({ status: 0, signal: null });
  });

  test('reads one of 100,000 sessions without a search through all', () => {
    const fill = (upTo: number) => {
      for (let i = ledger.size; i < upTo; i += 1) ledger.open(`session ${i}`, { keepFor });
    };
    const timeOfQuestions = () => {
      const started = performance.now();
      for (let i = 0; i < 1000; i += 1) {
        ledger.read(`session ${i}`);
        ledger.advance([{ key: `session ${i}`, idleFor: 0, keepFor }]);
      }
      return performance.now() - started;
    };
    expectNoSearch(fill, timeOfQuestions);
  });

  test('finds what is due among 100,000 sessions without a search through all', () => {
    const timeOfQuestions = () => {
      const started = performance.now();
      for (let i = 0; i < 1000; i += 1) ledger.users.due(10, MINUTE);
      return performance.now() - started;
    };
    const fill = (upTo: number) => {
      for (let i = ledger.size; i < upTo; i += 1) ledger.open(`session ${i}`, { user: `user ${i}`, limits, keepFor });
    };
    expectNoSearch(fill, timeOfQuestions);
  });

  test('finds the open session of a user who has signed in and out all day', () => {
    for (let i = 0; i < 20_000; i += 1) {
      ledger.open(`session ${i}`, { user: 'robot', limits, keepFor });
      ledger.end(`session ${i}`, { reason: 'signed-out', keepFor });
    }
    ledger.open('open', { user: 'robot', limits, keepFor });
    expect(ledger.users.ofUser('robot')).toMatchObject([{ key: 'open' }]);
  });
});
