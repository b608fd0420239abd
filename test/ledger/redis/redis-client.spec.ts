import { isCluster, quickest, runnerFor, script } from '../../../src/ledger/redis/redis-client.js';
import { textReaderFor } from '../../../src/ledger/redis/text-reader.js';

const SCRIPT = script('return 1');
const UNKNOWN = new Error('NOSCRIPT No matching script. Please use EVAL.');

/** A client of either library. It notes what it is told, and fails with `error` when it gets the SHA-1 of a script. */
function clientOf(library: 'redis' | 'ioredis', error?: unknown) {
  const calls: unknown[][] = [];
  const bySha1 = async (...args: unknown[]) => {
    calls.push(['sha1', ...args]);
    if (error !== undefined) throw error;
    return 'from the SHA-1';
  };
  const asText = async (...args: unknown[]) => {
    calls.push(['text', ...args]);
    return 'from the text';
  };
  const client = library === 'redis' ? { evalSha: bySha1, eval: asText } : { evalsha: bySha1, eval: asText };
  return { calls, run: runnerFor(client as never) };
}

describe.each([
  ['redis', (name: string) => [name, { keys: ['key'], arguments: ['a', 'b'] }]],
  ['ioredis', (name: string) => [name, 1, 'key', 'a', 'b']],
] as const)('a script run by a client of %s', (library, args) => {
  test('is sent as its SHA-1', async () => {
    const { calls, run } = clientOf(library);
    expect(await run(SCRIPT, 'key', ['a', 'b'])).toBe('from the SHA-1');
    expect(calls).toEqual([['sha1', ...args('e0e1f9fabfc9d4800c877a703b823ac0578ff8db')]]);
  });

  test('is sent as text if Redis does not know it', async () => {
    const { calls, run } = clientOf(library, UNKNOWN);
    expect(await run(SCRIPT, 'key', ['a', 'b'])).toBe('from the text');
    expect(calls.at(-1)).toEqual(['text', ...args('return 1')]);
  });

  test.each([new Error('OOM command not allowed'), new Error('not NOSCRIPT'), 'NOSCRIPT'])(
    'fails with any other error: %p',
    async (error) => {
      const { calls, run } = clientOf(library, error);
      await expect(run(SCRIPT, 'key', [])).rejects.toBe(error);
      expect(calls).toHaveLength(1);
    },
  );
});

describe('without its command timeout', () => {
  const unbounded = { name: 'unbounded' };

  test('a client is used while it is connected', () => {
    const options: unknown[] = [];
    const client = { isReady: false, withCommandOptions: (given: unknown) => (options.push(given), unbounded) };
    const current = quickest<object>(client);
    expect(current()).toBe(client);
    client.isReady = true;
    expect(current()).toBe(unbounded);
    expect(options).toEqual([{ timeout: undefined }]);
  });

  test('a client that has no command options is used as it is', () => {
    const client = { isReady: true };
    expect(quickest<object>(client)()).toBe(client);
  });
});

test('clusters are those of either library', () => {
  expect([{ isCluster: true }, { getSlotMaster() {} }].map((client) => isCluster(client as never))).toEqual([
    true,
    true,
  ]);
  const others = [{}, { isCluster: false }, { isCluster: 1 }, { getSlotMaster: 1 }];
  expect(others.map((client) => isCluster(client as never))).toEqual([false, false, false, false]);
});

describe('plain reads', () => {
  const get = async (key: string) => `text of ${key}`;

  test.each([
    ['a client of redis', { get, socketEpoch: 1 }],
    ['a pool of redis', { get, totalClients: 1 }],
    ['a client of redis with a cache', { get, socketEpoch: 1, clientSideCache: { invalidate() {} } }],
    ['a client of ioredis', { get, isCluster: false }],
  ])('are possible with %s', async (_what, client) => {
    expect(await textReaderFor(client as never)?.read('a')).toBe('text of a');
  });

  test.each([
    ['a pool with a cache', { get, totalClients: 1, clientSideCache: { invalidate() {} } }],
    ['a cluster of ioredis', { get, isCluster: true }],
    ['a client of which nothing is known', { get }],
    ['a client without the command', { socketEpoch: 1 }],
    ['a pool without the command', { totalClients: 1 }],
    ['a client of ioredis without the command', { isCluster: false }],
    ['a client with another epoch', { get, socketEpoch: '1' }],
    ['a pool with another number', { get, totalClients: '1' }],
  ])('are not possible with %s', (_what, client) => {
    expect(textReaderFor(client as never)).toBeUndefined();
  });

  test('can drop a key from the cache of the client, if it has one', () => {
    const dropped: string[] = [];
    const clientSideCache = { invalidate: (key: string) => dropped.push(key) };
    textReaderFor({ get, socketEpoch: 1, clientSideCache } as never)?.forget?.('a');
    expect(dropped).toEqual(['a']);
    expect(textReaderFor({ get, socketEpoch: 1 } as never)?.forget).toBeUndefined();
    expect(textReaderFor({ get, isCluster: false } as never)?.forget).toBeUndefined();
  });
});
