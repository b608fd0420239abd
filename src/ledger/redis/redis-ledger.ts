import type { Activity, ActivityLedger, Ending, LedgerRecord, Opening, Reading } from '../activity-ledger.js';
import { monotonicClock } from '../clock.js';
import { longestKept } from '../server/keep-for.js';
import { ServerClock } from '../server/server-clock.js';
import { describeStored } from '../server/stored-record.js';
import { assertKey, assertUser } from '../usable-id.js';
import { PlainReads } from './plain-reads.js';
import { type RedisClient, type Run, runnerFor, type Script } from './redis-client.js';
import { storedIn } from './redis-record.js';
import { ADVANCE, END, OPEN, READ } from './scripts.js';
import { textReaderFor } from './text-reader.js';

/** The options of {@link RedisLedger}. */
export interface RedisLedgerOptions {
  /** The prefix of the keys; default `'session-timeout:'`. */
  readonly prefix?: string | undefined;
}

/**
 * Keeps the timelines in Redis 5 or later (or Valkey), for any number of instances.
 *
 * There is one key per session, one `GET` per read and one script per write. All times come from the clock of
 * Redis. Keys live a day longer than the session can, so that the reason for its end can still be told. Set `maxmemory-policy` to
 * `noeviction`: otherwise Redis may evict sessions, and their users are signed out as `lost`.
 *
 * With connect-redis, let only the ledger decide when a session ends: give the store `disableTouch: true` and the
 * absolute limit as its `ttl`. A request then costs one command of the store and one of the ledger, as many as
 * express-session and connect-redis need by themselves. Activity is written once per `touchInterval`.
 *
 * A node-redis client with a `clientSideCache` saves the reads as well: it caches a record until Redis reports a
 * change, which takes effect at once. If the connection hangs, cached records are used for a second at most.
 *
 * @example
 * const client = await createClient({ url: process.env.REDIS_URL }).connect();
 * app.use(session({ store: new RedisStore({ client, disableTouch: true, ttl: 12 * 60 * 60 }), … }));
 * SessionTimeoutModule.forRoot({ absoluteTimeout: '12h', ledger: new RedisLedger(client) });
 */
export class RedisLedger implements ActivityLedger {
  readonly shared = true;
  /** Durations run on the clock of Redis, which does not depend on the clocks of this machine. */
  readonly clock = monotonicClock;

  private readonly run: Run;
  private readonly prefix: string;
  private readonly serverClock = new ServerClock();
  private readonly plainReads: PlainReads | undefined;

  /**
   * @param client a connected client of `redis` (node-redis) 5 or 6, or of `ioredis` 5 or 6; the application closes
   *   it
   * @throws TypeError if it is not such a client
   */
  constructor(client: RedisClient, { prefix = 'session-timeout:' }: RedisLedgerOptions = {}) {
    this.run = runnerFor(client);
    this.prefix = prefix;
    const texts = textReaderFor(client);
    this.plainReads = texts && new PlainReads(texts, this.serverClock, (key) => this.readExactly(key));
  }

  async open(key: string, { user, sessionAge = 0, keepFor }: Opening): Promise<LedgerRecord> {
    assertKey(key);
    assertUser(user);
    const values = [this.latest(), micros(sessionAge), millis(keepFor), ...(user === undefined ? [] : [user])];
    const record = await this.ask(() => this.write(OPEN, this.prefix + key, values));
    if (!record) throw new Error('RedisLedger got an unexpected answer from Redis.');
    return record;
  }

  /** Costs one plain command, unless the record has to be exact. */
  read(key: string, { exact = false }: Reading = {}): Promise<LedgerRecord | undefined> {
    assertKey(key);
    return exact || !this.plainReads ? this.readExactly(this.prefix + key) : this.plainReads.read(this.prefix + key);
  }

  async advance(activities: readonly Activity[]): Promise<void> {
    for (const { key } of activities) assertKey(key);
    const latest = this.latest();
    const askedAt = performance.now();
    // One script per session, because keys of a cluster live on different servers. Clients send them together.
    await Promise.all(
      activities
        .filter(({ idleFor }) => Number.isFinite(idleFor))
        .map(async ({ key, idleFor, keepFor }) => {
          const time = await this.write(ADVANCE, this.prefix + key, [latest, micros(idleFor), millis(keepFor)]);
          this.learn(askedAt, Number(time) / 1000);
        }),
    );
  }

  async end(key: string, { reason, keepFor }: Ending): Promise<boolean> {
    assertKey(key);
    return Number(await this.write(END, this.prefix + key, [reason, millis(keepFor)])) === 1;
  }

  private readExactly(key: string): Promise<LedgerRecord | undefined> {
    return this.ask(() => this.run(READ, key, []));
  }

  private async write(script: Script, key: string, values: readonly string[]): Promise<unknown> {
    try {
      return await this.run(script, key, values);
    } finally {
      this.plainReads?.forget(key);
    }
  }

  private async ask(question: () => Promise<unknown>): Promise<LedgerRecord | undefined> {
    const askedAt = performance.now();
    const [time, text] = (await question()) as [string, unknown];
    const now = Number(time) / 1000;
    this.learn(askedAt, now);
    const stored = storedIn(text);
    return stored && describeStored(stored, { now, uncertainty: 0 });
  }

  private learn(askedAt: number, serverTime: number): void {
    this.serverClock.learn(askedAt, serverTime);
    this.plainReads?.heard(askedAt);
  }

  private latest(): string {
    return String(Math.min(Math.round(this.serverClock.latest() * 1000), Number.MAX_SAFE_INTEGER));
  }
}

function micros(duration: number): string {
  return String(Math.min(Math.round(Math.max(0, duration) * 1000), Number.MAX_SAFE_INTEGER));
}

function millis(keepFor: number): string {
  // Redis takes no zero.
  return String(Math.max(1, Math.ceil(longestKept(keepFor))));
}
