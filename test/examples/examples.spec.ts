import { readdirSync, readFileSync } from 'node:fs';
import { eventually, sleep } from '../instances/support/binaries.js';
import { anyPostgres, describeWithPostgres } from '../instances/support/postgres-server.js';
import { anyRedis, describeWithRedis } from '../instances/support/redis-server.js';
import { leaveAll } from '../sockets/support/clients.js';
import { runScript, startExample } from './support/example.js';
import { visits } from './support/visits.js';

/** These end in real time, as their processes have no clock that a test moves. */
const IDLE = 2000;

const folder = new URL('../../examples/', import.meta.url).pathname;
const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
  .map(({ name }) => name);
const read = (name: string) => readFileSync(`${folder}${name}`, 'utf8');

/** Where an example finds what it needs besides Node. */
const servers: Record<string, { start: typeof anyRedis; variable: string; describe: typeof describeWithRedis }> = {
  'connect-redis': { start: anyRedis, variable: 'REDIS_URL', describe: describeWithRedis },
  'connect-pg-simple': { start: anyPostgres, variable: 'DATABASE_URL', describe: describeWithPostgres },
};

describe.each(names)('the folder %s', (name) => {
  test('says what the example shows and how it is started', () => {
    const { scripts, private: isPrivate } = JSON.parse(read(`${name}/package.json`));
    expect(scripts.start).toMatch(/^(tsc|npm run build) && node dist\/main\.js$/);
    expect(isPrivate).toBe(true);
    expect(read(`${name}/README.md`)).toContain('npm start');
    expect(read('README.md')).toContain(`](${name}/README.md)`);
  });
});

describe('each example', () => {
  const outcomes = new Map<string, Promise<() => void>>();
  const begin = (name: string, work: () => Promise<unknown>) =>
    outcomes.set(
      name,
      work().then(
        () => () => undefined,
        (error: unknown) => () => {
          throw error;
        },
      ),
    );

  // All at the same time: most of it is waiting.
  beforeAll(() => {
    for (const name of Object.keys(visits)) begin(name, () => visit(name));
    begin('e2e-tests', async () => {
      await runScript('e2e-tests', 'test:jest');
      await runScript('e2e-tests', 'test:vitest');
    });
  });
  afterAll(async () => {
    await Promise.all(outcomes.values());
    leaveAll();
  });

  test('is among these', () => {
    expect([...outcomes.keys()].toSorted()).toEqual(names.toSorted());
  });

  for (const name of Object.keys(visits)) {
    (servers[name]?.describe ?? describe)(name, () => {
      // The first test waits for most of the others, too.
      test('lets its user in, and refuses a session that was idle', async () => {
        (await outcomes.get(name))?.();
      }, 300_000);
    });
  }

  test('that contains tests passes them, in Jest and in Vitest', async () => {
    (await outcomes.get('e2e-tests'))?.();
  });
});

async function visit(name: string): Promise<void> {
  const server = await servers[name]?.start();
  const env = { IDLE: `${IDLE}ms`, ...(server && { [servers[name]?.variable as string]: server.url }) };
  try {
    // What a reader does, once; the compiler takes too long for doing it in each.
    const example = await startExample(name, { env, how: name === 'start' ? 'npm' : 'node' });
    try {
      // On a busy machine the session may be idle for too long before its page is seen.
      const isRefused = await eventually(() => visits[name]?.(example.browser, example.url), 60_000);
      await sleep(IDLE + 100);
      await isRefused?.();
    } finally {
      await example.stop();
    }
  } finally {
    await server?.stop();
  }
}
