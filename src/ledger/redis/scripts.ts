import { reasons } from '../../policy/reason.js';
import { script } from './redis-client.js';

/*
 * Each session is one hash, so that a script touches one key and runs on a cluster:
 *
 *   start, active    when an open session began and was last active
 *   ended, reason    when and why it ended (a tombstone)
 *   user             the id of the user, if known
 *
 * Times are microseconds since 1970 on the clock of Redis. Arguments are microseconds too, except how long to keep
 * the key: milliseconds, as PEXPIRE takes them.
 */

const NOW = `
local key = KEYS[1]
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function micros(value) return string.format('%.0f', value) end
`;

/** Returns the time and the hash. If the key is not a hash, returns one field without a value instead. */
const ANSWER = `
local record = redis.pcall('HGETALL', key)
if record.err then return {micros(now), {'unreadable'}} end
-- Times in the future come from a clock that was set back later. They count as now.
for i = 1, #record, 2 do
  local time = (record[i] == 'start' or record[i] == 'active') and tonumber(record[i + 1])
  if time and time > now then
    record[i + 1] = micros(now)
    redis.call('HSET', key, record[i], record[i + 1])
  end
end
return {micros(now), record}
`;

export const READ = script(NOW + ANSWER);

/** Arguments: `ServerClock.latest()`, the session age, how long to keep the record, and the user if there is one. */
export const OPEN = script(`${NOW}
if redis.call('EXISTS', key) == 0 then
  local at = math.min(now, tonumber(ARGV[1]))
  redis.call('HSET', key, 'start', micros(math.max(0, at - ARGV[2])), 'active', micros(at))
  if ARGV[4] then redis.call('HSET', key, 'user', ARGV[4]) end
  redis.call('PEXPIRE', key, ARGV[3])
end
${ANSWER}`);

/** Arguments: `ServerClock.latest()`, the time since the activity, and how long to keep the record. */
export const ADVANCE = script(`${NOW}
local found = redis.pcall('HMGET', key, 'active', 'ended')
local active = not found.err and not found[2] and tonumber(found[1])
local at = math.min(now, tonumber(ARGV[1])) - ARGV[2]
if active and (at > active or active > now) then
  redis.call('HSET', key, 'active', micros(at))
  if redis.call('PTTL', key) < tonumber(ARGV[3]) then redis.call('PEXPIRE', key, ARGV[3]) end
end
return micros(now)
`);

/** Arguments: the reason, and how long to keep the tombstone. Replaces whatever else is stored under the key. */
export const END = script(`${NOW}
local found = redis.pcall('HMGET', key, 'ended', 'reason', 'user')
if found.err then found = {} end
local reasons = {${reasons.map((reason) => `['${reason}'] = true`).join(', ')}}
if tonumber(found[1] or '') and reasons[found[2]] then return 0 end
redis.call('DEL', key)
redis.call('HSET', key, 'ended', micros(now), 'reason', ARGV[1])
if found[3] then redis.call('HSET', key, 'user', found[3]) end
redis.call('PEXPIRE', key, ARGV[2])
return 1
`);
