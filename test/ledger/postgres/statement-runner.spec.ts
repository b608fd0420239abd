import { jest } from '@jest/globals';
import { statementRunner } from '../../../src/ledger/postgres/statement-runner.js';

beforeEach(() => {
  jest.useFakeTimers();
  // The longest pauses.
  jest.spyOn(Math, 'random').mockReturnValue(1);
});
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

const failure = (code: string, message = 'no') => Object.assign(new Error(message), { code });

/** Runs a statement with a client whose first attempts fail. */
function running(failures: readonly unknown[]) {
  const attempts: { at: number; args: unknown[] }[] = [];
  const client = {
    query: async (...args: unknown[]) => {
      attempts.push({ at: performance.now(), args });
      if (attempts.length <= failures.length) throw failures[attempts.length - 1];
      return { rows: ['done'] };
    },
  };
  const answer = statementRunner(client, '"sessions"')('SELECT', [1]);
  answer.catch(() => undefined);
  return { answer, attempts };
}

test('a statement is sent with its values', async () => {
  const { answer, attempts } = running([]);
  expect(await answer).toEqual(['done']);
  expect(attempts.map(({ args }) => args)).toEqual([['SELECT', [1]]]);
});

test.each(['40001', '40P01', '23505'])('a statement that conflicts with others is tried again: %s', async (code) => {
  const { answer, attempts } = running([failure(code)]);
  await jest.advanceTimersByTimeAsync(2);
  expect(await answer).toEqual(['done']);
  expect(attempts).toHaveLength(2);
});

test('pauses grow up to 50 ms', async () => {
  const { answer, attempts } = running(Array.from({ length: 8 }, () => failure('40001')));
  await jest.advanceTimersByTimeAsync(1000);
  await answer;
  const times = attempts.map(({ at }) => at);
  expect(times.slice(1).map((at, i) => Math.round(at - times[i]!))).toEqual([2, 4, 8, 16, 32, 50, 50, 50]);
});

test('pauses are random, so that the same statements do not conflict again', async () => {
  jest.mocked(Math.random).mockReturnValue(0.5);
  const { attempts } = running([failure('40001')]);
  await jest.advanceTimersByTimeAsync(1);
  expect(attempts).toHaveLength(2);
});

test('a statement is tried 20 times', async () => {
  const conflict = failure('40001');
  const { answer, attempts } = running(Array.from({ length: 50 }, () => conflict));
  await jest.advanceTimersByTimeAsync(5000);
  await expect(answer).rejects.toBe(conflict);
  expect(attempts).toHaveLength(20);
});

test.each([failure('57P01'), new Error('no connection'), 'text', null, undefined])(
  'any other error is passed on at once: %p',
  async (error) => {
    const { answer, attempts } = running([error]);
    await expect(answer).rejects.toBe(error);
    expect(attempts).toHaveLength(1);
  },
);

test.each([
  [
    '42P01',
    'does not exist',
    'The table "sessions" of PostgresLedger does not exist. Call "await ledger.ensureSchema()"',
  ],
  [
    '42P10',
    'no index',
    'The table "sessions" of PostgresLedger lacks its unique index. Call "await ledger.ensureSchema()"',
  ],
  [
    '42703',
    'column "x" is missing',
    'The table "sessions" of PostgresLedger lacks a column (column "x" is missing): it was not created by this version of ' +
      'the package. Add what is missing with a migration, or drop the table: then the ledger forgets when sessions started ' +
      'and were last active. Call "await ledger.ensureSchema()"',
  ],
])('a table that cannot be used is explained: %s', async (code, message, explained) => {
  const cause = failure(code, message);
  const error: unknown = await running([cause]).answer.catch((thrown: unknown) => thrown);
  expect((error as Error).message).toBe(
    `${explained} before the application listens, or run the SQL in "ledger.schema" with your migrations.`,
  );
  expect((error as Error).cause).toBe(cause);
});
