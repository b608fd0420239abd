import {
  ask,
  catchRejection,
  type Method,
  StoreTimeoutError,
} from '../../../src/express-session/store/session-store.js';

type Done = (error?: unknown, value?: unknown) => void;

const asked = (method: (id: string, done: Done) => unknown) => ask('the store', method as Method, 'id');

describe('ask()', () => {
  test('calls the method on the store with what is given', async () => {
    const method = function (this: unknown, ...args: unknown[]) {
      (args.at(-1) as Done)(null, [this, ...args.slice(0, -1)]);
    };
    expect(await ask('the store', method, 'id', 5)).toEqual(['the store', 'id', 5]);
  });

  test.each<[string, (id: string, done: Done) => unknown]>([
    ['at once', (_id, done) => done(null, 'row')],
    ['later', (_id, done) => void setImmediate(done, null, 'row')],
    [
      'twice',
      (_id, done) => {
        done(null, 'row');
        done(new Error('too late'));
      },
    ],
    [
      'and throws then',
      (_id, done) => {
        done(null, 'row');
        throw new Error('too late');
      },
    ],
    [
      'and returns a promise',
      async (_id, done) => {
        await Promise.resolve();
        done(null, 'row');
        throw new Error('too late');
      },
    ],
  ])('gives what a method calls back with %s', async (_when, method) => {
    expect(await asked(method)).toBe('row');
  });

  test.each<[string, (id: string, done: Done) => unknown]>([
    ['calls back with an error', (_id, done) => done(new Error('down'))],
    [
      'throws',
      () => {
        throw new Error('down');
      },
    ],
    ['returns a promise that fails', () => Promise.reject(new Error('down'))],
  ])('fails if a method %s', async (_how, method) => {
    await expect(asked(method)).rejects.toThrow('down');
  });

  test('waits longer while the event loop is busy, because the answer may be there', async () => {
    const answer = asked((_id, done) => void setTimeout(() => setImmediate(done, null, 'row'), 10));
    const until = performance.now() + 2500;
    while (performance.now() < until);
    expect(await answer).toBe('row');
  });
});

describe('catchRejection()', () => {
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  test('passes on why a method failed that has not called back', async () => {
    const failures: unknown[] = [];
    const down = new Error('down');
    catchRejection(
      Promise.reject(down),
      () => false,
      (error) => failures.push(error),
    );
    catchRejection(
      Promise.resolve(),
      () => false,
      (error) => failures.push(error),
    );
    catchRejection(
      'done',
      () => false,
      (error) => failures.push(error),
    );
    await settled();
    expect(failures).toEqual([down]);
  });
});

test('the error about a store that does not call back has a name', () => {
  expect(new StoreTimeoutError('late').name).toBe('StoreTimeoutError');
});
