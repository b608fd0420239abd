import type { LedgerRecord } from '../activity-ledger.js';
import type { ServerClock } from '../server/server-clock.js';
import type { RedisClient } from './redis-client.js';
import { recordOf } from './redis-record.js';

/** How long a connection on which nothing comes is taken for one that lives, in milliseconds. */
const LONGEST_SILENCE = 1000;

/** As much as a session may seem older than it is, in milliseconds. */
const UNNOTICED = 5;

/** What is used of a client of node-redis with the option `clientSideCache`: one with a single connection. */
interface CachingClient {
  readonly clientSideCache: { invalidate(key: string): void };
  readonly socketEpoch: number;
  hGetAll(key: string): Promise<Hash>;
}

type Hash = Readonly<Record<string, string>>;

/**
 * Whether a client keeps what it has read until Redis says that it has changed. Pools and clusters do,
 * too, but what comes on one of their connections does not show that the others live.
 */
export function cachesReads(client: RedisClient): client is RedisClient & CachingClient {
  const { clientSideCache, socketEpoch } = client as Partial<CachingClient>;
  return clientSideCache !== undefined && typeof socketEpoch === 'number';
}

/**
 * Reads records out of the cache of a client.
 *
 * Redis tells of changes on the connection that also brings its answers, in the order in which things
 * happened. So whatever was written before Redis answered a question is known with the answer. A hung
 * connection brings neither: then the cache counts no more, and Redis has to be asked.
 */
export class CachedReads {
  /** `performance.now()` before the newest question that Redis has answered. */
  private heardAt = -Infinity;

  constructor(
    private readonly client: CachingClient,
    private readonly clock: ServerClock,
  ) {}

  /** Redis has answered what it was asked at `askedAt`. */
  heard(askedAt: number): void {
    this.heardAt = Math.max(this.heardAt, askedAt);
  }

  /** The record under a key; `undefined` if only Redis itself can say. */
  async read(key: string): Promise<LedgerRecord | undefined> {
    if (performance.now() - this.heardAt > LONGEST_SILENCE || this.clock.uncertainty() > UNNOTICED) return undefined;
    const hash = await this.client.hGetAll(key).catch(() => ({}) as Hash);
    const now = this.clock.latest();
    // What lies ahead of the clock of Redis, which then was set back, only Redis can put right.
    const isAhead = Math.max(Number(hash['start'] ?? 0), Number(hash['active'] ?? 0)) > (now + LONGEST_SILENCE) * 1000;
    return isAhead ? undefined : recordOf(Object.entries(hash).flat(), now);
  }

  /** Something was written under a key. What Redis tells of an own write may come after the answer to it. */
  forget(key: string): void {
    this.client.clientSideCache.invalidate(key);
  }
}
