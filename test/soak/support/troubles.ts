import { sleep } from '../../instances/support/binaries.js';
import type { Instance } from '../../instances/support/instances.js';
import type { OwnPostgres } from '../../instances/support/postgres-server.js';
import type { RedisServer } from '../../instances/support/redis-server.js';
import type { World } from './person.js';

const HOUR = 60 * 60 * 1000;

/** What a soak runs on. */
export interface Servers {
  /** The server of sessions and timelines. */
  readonly redis?: RedisServer | undefined;
  readonly postgres?: OwnPostgres | undefined;
  readonly instances: Instance[];
  /** Starts an instance in place of one that was killed. */
  replace(index: number): Promise<void>;
}

type Trouble = (servers: Servers, world: World) => Promise<void>;

/** For how long a server is away. Users who keep working lose less than half of the idle limit by it. */
const outage = ({ chance, limits }: World) => sleep((0.05 + chance() * 0.15) * limits.idleTimeout);

const onRedis: Record<string, Trouble> = {
  async 'Redis hangs'({ redis }, world) {
    redis?.pause();
    await outage(world);
    redis?.resume();
  },
  async 'Redis restarts'({ redis }, world) {
    await redis?.stop();
    await outage(world);
    await redis?.start();
  },
  async flush({ redis }, { observer }) {
    const at = performance.now();
    for (const expectation of observer.expectations) expectation.mayEnd(at);
    await redis?.command('FLUSHALL');
  },
};

const onPostgres: Record<string, Trouble> = {
  async 'Postgres restarts'({ postgres }) {
    await postgres?.restart();
  },
};

const onInstances: Record<string, Trouble> = {
  /** Not the first: its memory is measured. */
  async 'an instance dies'({ instances, replace }, { chance }) {
    const index = 1 + Math.floor(chance() * (instances.length - 1));
    await instances[index]?.stop('SIGKILL');
    await replace(index);
  },
  async 'a clock is set'({ instances }, { chance }) {
    const instance = instances[Math.floor(chance() * instances.length)];
    // It may hang together with its server.
    await instance?.setClock((chance() * 2 - 1) * HOUR).catch(() => undefined);
  },
};

/** Disturbs the servers until the soak is over, one thing after the other. Each comes once before any comes again. */
export async function disturb(servers: Servers, world: World): Promise<void> {
  const all = Object.entries({ ...(servers.redis ? onRedis : onPostgres), ...onInstances });
  let left: typeof all = [];
  while (world.isRunning()) {
    await sleep((0.2 + world.chance() * 0.3) * world.limits.idleTimeout);
    if (!world.isRunning()) return;
    if (left.length === 0) left = [...all];
    const [[kind, trouble]] = left.splice(Math.floor(world.chance() * left.length), 1) as [(typeof all)[0]];
    const isOver = world.observer.disturb(kind);
    await trouble(servers, world);
    isOver();
  }
}
