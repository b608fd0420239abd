import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { PostgresLedger } from '../../../src/ledger/postgres/index.js';
import { sleep } from '../../instances/support/binaries.js';
import { Instance } from '../../instances/support/instances.js';
import { startPostgres } from '../../instances/support/postgres-server.js';
import { RedisServer } from '../../instances/support/redis-server.js';
import type { SoakLimits } from './expectation.js';
import { type Findings, Observer } from './findings.js';
import { Person, type World } from './person.js';
import { disturb, type Servers } from './troubles.js';

const INSTANCES = 3;
const SWEEP_INTERVAL = 500;

/** Short, so that many sessions end. Longer than any pause of a busy machine. */
const LIMITS: SoakLimits = { idleTimeout: 6000, absoluteTimeout: 18_000, slack: 1500 };

/** How a soak runs. */
export interface SoakOptions {
  readonly milliseconds: number;
  readonly people: number;
  readonly on: 'redis' | 'postgres';
  /** Decides what people do and what happens to the servers, as far as the time that things take does not. */
  readonly seed: number;
}

/**
 * Lets many people work, walk away, sign in, sign out and race on three instances, while servers hang, restart and lose
 * their data, instances die and clocks are set. Beside it runs a model of what must be true.
 */
export async function soak({ milliseconds, people, on, seed }: SoakOptions): Promise<Findings> {
  const observer = new Observer();
  const running = await start(on, observer);
  const { servers } = running;
  let isRunning = true;
  const chance = randomNumbers(seed);
  const world: World = {
    limits: LIMITS,
    observer,
    isRunning: () => isRunning,
    instance: () => servers.instances[Math.floor(chance() * servers.instances.length)] as Instance,
    chance,
  };
  try {
    const living = Array.from({ length: people }, (_, i) => new Person(`user-${i}`, world).live());
    const disturbing = disturb(servers, world);
    await sleep(milliseconds / 3);
    const before = await servers.instances[0]?.heap();
    await sleep((milliseconds * 2) / 3);
    isRunning = false;
    await Promise.all([...living, disturbing]);
    // Whoever has just been active is signed out by the sweep.
    await sleep(LIMITS.idleTimeout + 4 * SWEEP_INTERVAL + LIMITS.slack);
    const after = await servers.instances[0]?.heap();
    return observer.findings([before ?? NaN, after ?? NaN]);
  } finally {
    await running.stop();
  }
}

async function start(on: SoakOptions['on'], observer: Observer) {
  const redis = on === 'redis' ? await RedisServer.start('--appendonly', 'yes', '--appendfsync', 'always') : undefined;
  const postgres = on === 'postgres' ? await startPostgres() : undefined;
  const url = (redis ?? postgres)?.url as string;
  if (postgres) await createTables(url);
  const prefix = `soak-${randomUUID()}:`;
  const { idleTimeout, absoluteTimeout } = LIMITS;
  const options = { url, prefix, idleTimeout, absoluteTimeout, sweepInterval: SWEEP_INTERVAL };
  const startOne = () => Instance.start(options, (event) => observer.told(event));
  const instances = await Promise.all(Array.from({ length: INSTANCES }, startOne));
  const servers: Servers = {
    redis,
    postgres,
    instances,
    async replace(index) {
      instances[index] = await startOne();
    },
  };
  const stop = async () => {
    await Promise.all(instances.map((instance) => instance.stop('SIGKILL')));
    await Promise.all([redis?.stop(), postgres?.stop()]);
  };
  return { servers, stop };
}

async function createTables(url: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: url });
  await pool.query('CREATE TABLE test_session (id text PRIMARY KEY, data text NOT NULL)');
  await new PostgresLedger(pool).ensureSchema();
  await pool.end();
}

/** Random numbers from 0 to 1 (mulberry32), which are the same for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
