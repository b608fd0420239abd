import { reasons } from '../../policy/reason.js';
import { script } from './redis-client.js';

/*
 * What is stored is described in `redis-record.ts`. Arguments are microseconds, as all times are, except how long to
 * keep the key: milliseconds, as PX takes them.
 */

/**
 * Finds out the time and what is stored. Something that is no text counts as an invalid record. `start` and `active` are
 * `nil` unless it is a valid open session. The rest is nothing, or a space and the user.
 */
const FOUND = `
local key = KEYS[1]
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local text = redis.pcall('GET', key)
if type(text) == 'table' then text = '' end
local start, active, rest = string.match(text or '', '^o (%d+) (%d+)(.*)$')
if not start or #start > 16 or #active > 16 or string.find(rest, '^[^ ]') then start, active = nil, nil end
local function micros(time) return string.format('%.0f', time) end
`;

/** Returns the time and what is stored. */
const ANSWER = `
-- Times in the future come from a clock that was set back later. They count as now.
if active and math.max(start, active) > now then
  text = 'o ' .. micros(math.min(start, now)) .. ' ' .. micros(math.min(active, now)) .. rest
  local left = redis.call('PTTL', key)
  redis.call('SET', key, text)
  if left >= 0 then redis.call('PEXPIRE', key, left) end
end
return {micros(now), text}
`;

export const READ = script(FOUND + ANSWER);

/** Arguments: `ServerClock.latest()`, the session age, how long to keep the record, and the user if there is one. */
export const OPEN = script(`${FOUND}
if not text then
  local at = math.min(now, ARGV[1])
  text = 'o ' .. micros(math.max(0, at - ARGV[2])) .. ' ' .. micros(at) .. (ARGV[4] and ' ' .. ARGV[4] or '')
  redis.call('SET', key, text, 'PX', ARGV[3])
end
${ANSWER}`);

/** Arguments: `ServerClock.latest()`, the time since the activity, and how long to keep the record. */
export const ADVANCE = script(`${FOUND}
local at = math.max(0, math.min(now, ARGV[1]) - ARGV[2])
local known = tonumber(active)
if known and (at > known or known > now) then
  local left = redis.call('PTTL', key)
  local longest = left > tonumber(ARGV[3]) and left or ARGV[3]
  redis.call('SET', key, 'o ' .. start .. ' ' .. micros(at) .. rest, 'PX', longest)
end
return micros(now)
`);

/** Arguments: the reason, and how long to keep the tombstone. Replaces whatever else is stored under the key. */
export const END = script(`${FOUND}
local reasons = {${reasons.map((reason) => `['${reason}'] = true`).join(', ')}}
local ended, reason = string.match(text or '', '^e (%d+) ([^ ]+)')
if ended and #ended <= 16 and reasons[reason] then return 0 end
redis.call('SET', key, 'e ' .. micros(now) .. ' ' .. ARGV[1] .. (active and rest or ''), 'PX', ARGV[2])
return 1
`);
