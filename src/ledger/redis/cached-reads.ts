import type { LedgerRecord } from '../activity-ledger.js';
import type { ServerClock } from '../server/server-clock.js';
import type { RedisClient } from './redis-client.js';
import { recordOf } from './redis-record.js';

/** How long a silent connection is assumed to be alive, in milliseconds. */
const LONGEST_SILENCE = 1000;

/** How much older than it is a session may seem, in milliseconds. */
const UNNOTICED = 5;

/** The part that is used of a node-redis client with the option `clientSideCache` and a single connection. */
interface CachingClient {
  readonly clientSideCache: { invalidate(key: string): void };
  readonly socketEpoch: number;
  hGetAll(key: string): Promise<Hash>;
}

type Hash = Readonly<Record<string, string>>;

/**
 * Whether a client caches what it has read until Redis reports a change. Pools and clusters cache too, but do not
 * qualify: an answer on one of their connections does not show that the others are alive.
 */
export function cachesReads(client: RedisClient): client is RedisClient & CachingClient {
  const { clientSideCache, socketEpoch } = client as Partial<CachingClient>;
  return clientSideCache !== undefined && typeof socketEpoch === 'number';
}

/**
 * Reads records from the client's cache.
 *
 * Redis reports changes on the connection that also carries its answers, in the order in which they happened. So when
 * an answer arrives, everything that was written before it is known. A hung connection delivers neither: then the
 * cache is not used, and Redis has to be asked.
 */
export class CachedReads {
  /** `performance.now()` before the newest command that Redis has answered. */
  private heardAt = -Infinity;

  constructor(
    private readonly client: CachingClient,
    private readonly clock: ServerClock,
  ) {}

  /** Notes that Redis has answered a command sent at `askedAt`. */
  heard(askedAt: number): void {
    this.heardAt = Math.max(this.heardAt, askedAt);
  }

  /** Returns the record under a key, or `undefined` if Redis itself has to be asked. */
  async read(key: string): Promise<LedgerRecord | undefined> {
    if (performance.now() - this.heardAt > LONGEST_SILENCE || this.clock.uncertainty() > UNNOTICED) return undefined;
    const hash = await this.client.hGetAll(key).catch(() => ({}) as Hash);
    const now = this.clock.latest();
    // Times ahead of the Redis clock mean that it was set back. Only Redis itself can correct the record.
    const isAhead = Math.max(Number(hash['start'] ?? 0), Number(hash['active'] ?? 0)) > (now + LONGEST_SILENCE) * 1000;
    return isAhead ? undefined : recordOf(Object.entries(hash).flat(), now);
  }

  /** Drops a key after it was written: Redis may report the change later than it answers the write. */
  forget(key: string): void {
    this.client.clientSideCache.invalidate(key);
  }
}
