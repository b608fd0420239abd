import type { Activity, ActivityLedger, Ending, LedgerRecord, Opening } from '../activity-ledger.js';
import { monotonicClock } from '../clock.js';
import { longestKept } from '../server/keep-for.js';
import { ServerClock } from '../server/server-clock.js';
import { CachedReads, cachesReads } from './cached-reads.js';
import { type RedisClient, type Run, runnerFor, type Script } from './redis-client.js';
import { recordOf } from './redis-record.js';
import { ADVANCE, END, OPEN, READ } from './scripts.js';

/** How {@link RedisLedger} stores. */
export interface RedisLedgerOptions {
  /** What the keys begin with; default `'session-timeout:'`. */
  readonly prefix?: string | undefined;
}

/**
 * Keeps the timelines in Redis 5 or later (or Valkey), for any number of instances.
 *
 * One key per session, one script per operation, all times by the clock of Redis. Keys live a day longer
 * than the session can, so that the reason of its end can still be told; set `maxmemory-policy` to
 * `noeviction`, or Redis may throw sessions away (their users are then signed out as `lost`).
 *
 * With connect-redis, let the ledger alone say when a session is over: give the store `disableTouch: true`
 * and the absolute limit as its `ttl`. A request then costs one command of the store and one of the
 * ledger, as many as express-session and connect-redis take by themselves, and activity is written
 * once per `touchInterval`.
 *
 * A client of node-redis that is made with a `clientSideCache` spares the reads as well: it keeps a
 * record until Redis tells that it has changed. That acts at once; and a connection that has hung is
 * believed for a second at most.
 *
 * @example
 * const client = await createClient({ url: process.env.REDIS_URL }).connect();
 * app.use(session({ store: new RedisStore({ client, disableTouch: true, ttl: 12 * 60 * 60 }), … }));
 * SessionTimeoutModule.forRoot({ absoluteTimeout: '12h', ledger: new RedisLedger(client) });
 */
export class RedisLedger implements ActivityLedger {
  readonly shared = true;
  /** Durations are by the clock of Redis, which runs on whatever the clocks of this machine do. */
  readonly clock = monotonicClock;

  private readonly run: Run;
  private readonly prefix: string;
  private readonly serverClock = new ServerClock();
  private readonly cache: CachedReads | undefined;

  /**
   * @param client a connected client of `redis` (node-redis) 5 or 6, or of `ioredis` 5 or 6; it stays yours to close
   * @throws TypeError if it is none
   */
  constructor(client: RedisClient, { prefix = 'session-timeout:' }: RedisLedgerOptions = {}) {
    this.run = runnerFor(client);
    this.prefix = prefix;
    this.cache = cachesReads(client) ? new CachedReads(client, this.serverClock) : undefined;
  }

  async open(key: string, { user, sessionAge = 0, keepFor }: Opening): Promise<LedgerRecord> {
    const values = [this.latest(), micros(sessionAge), millis(keepFor), ...(user === undefined ? [] : [user])];
    const record = await this.ask(() => this.write(OPEN, key, values));
    if (!record) throw new Error('Redis answered in a way that RedisLedger does not understand.');
    return record;
  }

  async read(key: string): Promise<LedgerRecord | undefined> {
    const cached = await this.cache?.read(this.prefix + key);
    return cached ?? this.ask(() => this.run(READ, this.prefix + key, []));
  }

  async advance(activities: readonly Activity[]): Promise<void> {
    const latest = this.latest();
    // One script each, as the keys of a cluster live on different servers; clients send them together.
    await Promise.all(
      activities
        .filter(({ idleFor }) => Number.isFinite(idleFor))
        .map(({ key, idleFor, keepFor }) => this.write(ADVANCE, key, [latest, micros(idleFor), millis(keepFor)])),
    );
  }

  async end(key: string, { reason, keepFor }: Ending): Promise<boolean> {
    return Number(await this.write(END, key, [reason, millis(keepFor)])) === 1;
  }

  private async write(script: Script, key: string, values: readonly string[]): Promise<unknown> {
    try {
      return await this.run(script, this.prefix + key, values);
    } finally {
      this.cache?.forget(this.prefix + key);
    }
  }

  private async ask(question: () => Promise<unknown>): Promise<LedgerRecord | undefined> {
    const askedAt = performance.now();
    const [time, fields] = (await question()) as [string, string[]];
    const now = Number(time) / 1000;
    this.serverClock.learn(askedAt, now);
    this.cache?.heard(askedAt);
    return recordOf(fields, now);
  }

  private latest(): string {
    return String(Math.min(Math.round(this.serverClock.latest() * 1000), Number.MAX_SAFE_INTEGER));
  }
}

function micros(duration: number): string {
  return String(Math.min(Math.round(Math.max(0, duration) * 1000), Number.MAX_SAFE_INTEGER));
}

function millis(keepFor: number): string {
  return String(Math.ceil(longestKept(keepFor)));
}
