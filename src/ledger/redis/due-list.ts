import type { KeyNames } from './key-names.js';
import { type Run, script } from './redis-client.js';
import { microsArgument, millisArgument } from './script-arguments.js';
import { WEEK } from '../../policy/time.js';

/*
 * Sorted sets of the keys of sessions. The score is the time when a session is due, in microseconds on the clock of
 * this Redis. A session is due when it may be past a limit. The lists contain nothing else about the sessions.
 */

const COMMON = `
local name = KEYS[1]
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function micros(time) return string.format('%.0f', time) end
-- Something else under the name counts as nothing.
if redis.call('TYPE', name).ok ~= 'zset' then redis.call('DEL', name) end
local function keepFor(time)
  if redis.call('PTTL', name) < tonumber(time) then redis.call('PEXPIRE', name, time) end
end
`;

/**
 * Sets the due time of sessions. Entries that are overdue for a week are forgotten. Arguments: the time until the
 * sessions are due, how long to keep the list, whether to add only new sessions, and the keys.
 */
const PUT = script(`${COMMON}
for i = 4, #ARGV do
  if ARGV[3] == '0' or not redis.call('ZSCORE', name, ARGV[i]) then
    redis.call('ZADD', name, micros(now + ARGV[1]), ARGV[i])
  end
end
redis.call('ZREMRANGEBYSCORE', name, '-inf', '(' .. micros(now - ${WEEK * 1000}))
keepFor(ARGV[2])
`);

/** Returns when the longest overdue sessions were due. The argument is for how many of them. */
const PEEK = script(`${COMMON}
local answer = {}
local due = redis.call('ZRANGEBYSCORE', name, '-inf', micros(now), 'WITHSCORES', 'LIMIT', 0, ARGV[1])
for i = 2, #due, 2 do answer[#answer + 1] = due[i] end
return answer
`);

/**
 * Returns the keys of the longest overdue sessions, and when they were due. Arguments: how many, the time until they are
 * due again, and how long to keep the list.
 */
const TAKE = script(`${COMMON}
local due = redis.call('ZRANGEBYSCORE', name, '-inf', micros(now), 'WITHSCORES', 'LIMIT', 0, ARGV[1])
for i = 1, #due, 2 do redis.call('ZADD', name, micros(now + ARGV[2]), due[i]) end
if #due > 0 then keepFor(ARGV[3]) end
return due
`);

const REMOVE = script(`${COMMON}
redis.call('ZREM', name, ARGV[1])
`);

interface Due {
  readonly key: string;
  readonly at: number;
}

/** The due times of sessions. */
export class DueList {
  /** @param shards the number of parts of the list, so that several servers of a cluster share it */
  constructor(
    private readonly run: Run,
    private readonly names: KeyNames,
    private readonly shards: number,
  ) {}

  /** Adds a session that is due in `dueIn` milliseconds, unless it is on the list. */
  async add(key: string, dueIn: number, keepFor: number): Promise<void> {
    await this.put([key], dueIn, keepFor, true);
  }

  /** Makes a session due in `dueIn` milliseconds. */
  async set(key: string, dueIn: number, keepFor: number): Promise<void> {
    await this.put([key], dueIn, keepFor, false);
  }

  /** Makes sessions due at once. */
  async hasten(keys: readonly string[], keepFor: number): Promise<void> {
    await this.put(keys, 0, keepFor, false);
  }

  async remove(key: string): Promise<void> {
    await this.run(REMOVE, this.nameOf(key), [key]);
  }

  /** Returns at most `limit` keys, the longest overdue first. They are due again after `lease` milliseconds. */
  async take(limit: number, lease: number): Promise<readonly string[]> {
    const shares = this.shards === 1 ? [limit] : await this.sharesOf(limit);
    const parts = shares.map(async (share, shard): Promise<Due[]> => {
      if (share === 0) return [];
      const values = [String(share), microsArgument(lease), millisArgument(lease + WEEK)];
      const reply = (await this.run(TAKE, this.names.due(shard), values)) as unknown[];
      return reply.flatMap((key, i) => (i % 2 === 0 ? [{ key: String(key), at: Number(reply[i + 1]) }] : []));
    });
    return inOrder(await Promise.all(parts)).map(({ key }) => key);
  }

  /** Returns how many of the longest overdue sessions are in each part. */
  private async sharesOf(limit: number): Promise<number[]> {
    const shares = Array.from({ length: this.shards }, () => 0);
    const parts = shares.map(async (_, shard) => {
      const reply = (await this.run(PEEK, this.names.due(shard), [String(limit)])) as unknown[];
      return reply.map((at) => ({ shard, at: Number(at) }));
    });
    for (const { shard } of inOrder(await Promise.all(parts)).slice(0, limit)) shares[shard] = (shares[shard] ?? 0) + 1;
    return shares;
  }

  private async put(keys: readonly string[], dueIn: number, keepFor: number, isNew: boolean): Promise<void> {
    const lists = new Map<string, string[]>();
    for (const key of keys) lists.set(this.nameOf(key), [...(lists.get(this.nameOf(key)) ?? []), key]);
    const values = [microsArgument(dueIn), millisArgument(Math.max(0, dueIn) + keepFor), isNew ? '1' : '0'];
    await Promise.all([...lists].map(([name, keys]) => this.run(PUT, name, [...values, ...keys])));
  }

  private nameOf(key: string): string {
    let sum = 0;
    for (let i = 0; i < key.length; i += 1) sum = (sum * 31 + key.charCodeAt(i)) >>> 0;
    return this.names.due(sum % this.shards);
  }
}

function inOrder<T extends { readonly at: number }>(parts: readonly (readonly T[])[]): T[] {
  return parts.flat().toSorted((some, other) => some.at - other.at);
}
