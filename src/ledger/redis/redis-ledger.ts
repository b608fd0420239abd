import type { Activity, ActivityLedger, Ending, LedgerRecord, Opening, Reading } from '../activity-ledger.js';
import { monotonicClock } from '../../base/clock.js';
import { assertOpening } from '../usable-arguments.js';
import { assertKey } from '../usable-id.js';
import type { UserSessions } from '../user-sessions.js';
import { DueList } from './due-list.js';
import { KeyNames } from './key-names.js';
import { isCluster, type RedisClient, runnerFor } from './redis-client.js';
import { RedisRecords } from './redis-records.js';
import { RedisUserSessions } from './redis-user-sessions.js';
import { UserIndex } from './user-index.js';

/** The number of parts of the list of due sessions on a cluster, so that its servers share the work. */
const SHARDS_OF_CLUSTER = 16;

/** The options of {@link RedisLedger}. */
export interface RedisLedgerOptions {
  /** The prefix of the keys; default `'session-timeout:'`. */
  readonly prefix?: string | undefined;
}

/**
 * Keeps the timelines in Redis 5 or later (or Valkey), for any number of instances.
 *
 * There is one key per session, one `GET` per read and one script per write. All times come from the clock of Redis. A
 * key lives a day longer than its session can, so that users who come back later still learn why it ended. Set
 * `maxmemory-policy` to `noeviction`. Otherwise Redis may evict sessions, and their users are signed out as `lost`.
 *
 * Redis also keeps lists: one of the sessions of each user, and one of the sessions by the time when they are due. The
 * second has 16 parts on a cluster. Opening or ending a session costs one more script for each list that it is on.
 * Ordinary requests do not touch the lists. Each script has one key, so a cluster needs no hash tags. All instances
 * have to connect in the same way: all to a cluster, or none.
 *
 * With connect-redis, let only the ledger decide when a session ends: give the store `disableTouch: true`, and the
 * absolute limit as its `ttl`. A request then costs one command of the store and one of the ledger. express-session and
 * connect-redis alone need as many. Activity is written once per `touchInterval`.
 *
 * A node-redis client with a `clientSideCache` saves the reads, too. It caches a record until Redis reports a change,
 * which takes effect at once. If the connection hangs, cached records are used for at most a second.
 *
 * @example
 * const client = await createClient({ url: process.env.REDIS_URL }).connect();
 * app.use(session({ store: new RedisStore({ client, disableTouch: true, ttl: 12 * 60 * 60 }), … }));
 * SessionTimeoutModule.forRoot({ absoluteTimeout: '12h', ledger: new RedisLedger(client) });
 */
export class RedisLedger implements ActivityLedger {
  readonly shared = true;
  /**
   * A monotonic clock. Durations run on the clock of Redis, which does not depend on the wall clock of this machine.
   */
  readonly clock = monotonicClock;

  /** The sessions of each user, and those whose time is over. */
  readonly users: UserSessions;

  private readonly records: RedisRecords;
  private readonly sessions: RedisUserSessions;

  /**
   * @param client a connected client of `redis` (node-redis) 5 or 6, or of `ioredis` 5 or 6. The application closes it
   * @throws TypeError if it is not such a client
   */
  constructor(client: RedisClient, { prefix = 'session-timeout:' }: RedisLedgerOptions = {}) {
    const run = runnerFor(client);
    const names = new KeyNames(prefix);
    this.records = new RedisRecords(client, run, names);
    const due = new DueList(run, names, isCluster(client) ? SHARDS_OF_CLUSTER : 1);
    this.sessions = new RedisUserSessions(this.records, new UserIndex(run, names), due);
    this.users = this.sessions;
  }

  async open(key: string, opening: Opening): Promise<LedgerRecord> {
    assertOpening(key, opening);
    const { user, limits } = opening;
    // The lists come first, because a session that is not on them would not be found.
    const [, record] = await Promise.all([this.sessions.enter(key, opening), this.records.open(key, opening)]);
    const isEnded = record.state === 'ended';
    if (isEnded || record.user !== user) this.sessions.forget(key, { user, hasLimits: isEnded && !!limits });
    return record;
  }

  /** Costs one plain command, unless the record has to be exact. */
  read(key: string, reading?: Reading): Promise<LedgerRecord | undefined> {
    assertKey(key);
    return this.records.read(key, reading);
  }

  async advance(activities: readonly Activity[]): Promise<void> {
    for (const { key } of activities) assertKey(key);
    await this.records.advance(activities);
  }

  async end(key: string, ending: Ending): Promise<boolean> {
    assertKey(key);
    const listing = await this.records.end(key, ending);
    if (listing) this.sessions.forget(key, listing);
    return listing !== undefined;
  }
}
