import { createClient } from 'redis';
import { BoundedLedger } from '../../../src/ledger/layers/bounded-ledger.js';
import { LedgerUnavailableError } from '../../../src/ledger/ledger-unavailable.error.js';
import { RedisLedger } from '../../../src/ledger/redis/index.js';
import { sleep } from '../../instances/support/binaries.js';
import { describeWithRedisServer, RedisServer } from '../../instances/support/redis-server.js';
import { HOUR } from '../../support/time.js';

const TIMEOUT = 200;
/** Longer than the ledger may take. */
const BUSY = 250;

/** A handler that does not let go of the event loop. */
function keepBusy(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

describeWithRedisServer('a bounded ledger, while the event loop is busy', () => {
  let server: RedisServer;
  let client: ReturnType<typeof createClient>;
  let ledger: BoundedLedger;
  const failures: Error[] = [];

  beforeAll(async () => {
    server = await RedisServer.start();
    client = createClient({ url: server.url });
    await client.connect();
    ledger = new BoundedLedger(new RedisLedger(client), {
      timeout: TIMEOUT,
      onFailure: (error) => failures.push(error),
    });
    await ledger.open('a', { keepFor: HOUR });
  });
  beforeEach(() => failures.splice(0));
  afterAll(async () => {
    client?.destroy();
    await server?.stop();
  });

  const read = () => Promise.resolve(ledger.read('a'));
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  test.each([
    ['before the command is sent', async () => {}],
    ['when the command has just been sent', turn],
    ['when the answer may have arrived', () => sleep(1)],
  ])('gets an answer that is there already: busy %s', async (_when, wait) => {
    for (let i = 0; i < 5; i += 1) {
      const answers = Array.from({ length: 5 }, read);
      await wait();
      keepBusy(BUSY);
      expect((await Promise.all(answers)).map((record) => record?.state)).toEqual(Array(5).fill('open'));
    }
    expect(failures).toEqual([]);
  });

  test('serves twenty requests whose handler is busy', async () => {
    const request = async () => {
      await read();
      keepBusy(BUSY);
      await read();
    };
    await Promise.all(Array.from({ length: 20 }, request));
    expect(failures).toEqual([]);
  });

  test('still notices that Redis hangs', async () => {
    server.pause();
    const startedAt = performance.now();
    const answer = read().catch((error: unknown) => error);
    keepBusy(BUSY);
    expect(await answer).toBeInstanceOf(LedgerUnavailableError);
    expect(performance.now() - startedAt).toBeLessThan(5000);
    server.resume();
    await client.ping();
  });
});
