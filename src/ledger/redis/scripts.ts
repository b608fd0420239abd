import { reasons } from '../../policy/reason.js';
import { script } from './redis-client.js';

/*
 * `redis-record.ts` describes the stored format. Times in arguments are microseconds. The time to keep a key is in
 * milliseconds, as for PX, and so are limits, as they are stored.
 */

/**
 * Reads the time and the stored record. A value that is not text counts as an invalid record. `start` and `active` are
 * `nil` unless it is a valid open session. `rest` is empty, or a space and the user.
 */
const FOUND = `
local key = KEYS[1]
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local text = redis.pcall('GET', key)
if type(text) == 'table' then text = '' end
local start, active, more, rest = string.match(text or '', '^o (%d+) (%d+)([^ ]*)(.*)$')
local auth, idle, absolute = '', '', ''
if more and more ~= '' then auth, idle, absolute = string.match(more, '^;([%d-]*);([%d-]*);([%d-]*)$') end
local function isTime(part)
  return part and #part <= 16 and (part == '-' or not string.find(part, '-', 1, true))
end
if not start or #start > 16 or #active > 16 or not (isTime(auth) and isTime(idle) and isTime(absolute)) then
  start, active = nil, nil
end
local function micros(time) return string.format('%.0f', time) end
local function opened(start, active)
  local known = auth .. idle .. absolute ~= ''
  return 'o ' .. start .. ' ' .. active .. (known and ';' .. auth .. ';' .. idle .. ';' .. absolute or '') .. rest
end
`;

/** The longer of two limits as they are stored. */
const LONGER = `
local function longer(some, other)
  if some == '' or other == '' then return some .. other end
  if some == '-' or other == '-' then return '-' end
  return tonumber(other) > tonumber(some) and other or some
end
`;

/**
 * Whether what is stored is a valid tombstone, and which call has written it. ioredis sends a command again if it has
 * lost the connection before the answer. So a call has to know the tombstone that it has written itself.
 */
const TOMBSTONE = `
local reasons = {${reasons.map((reason) => `['${reason}'] = true`).join(', ')}}
local ended, reason, endedBy = string.match(text or '', '^e (%d+) ([^ ;]+);?([^ ]*)')
local isTombstone = ended and #ended <= 16 and reasons[reason]
local function entomb(reason, call, keepFor)
  redis.call('SET', key, 'e ' .. micros(now) .. ' ' .. reason .. ';' .. call .. (active and rest or ''), 'PX', keepFor)
end
`;

/** Returns the time and the stored record. */
const ANSWER = `
-- Times in the future come from a clock that was set back later. They count as now.
local authAt = tonumber(auth)
if active and math.max(start, active, authAt or 0) > now then
  if authAt then auth = micros(math.min(authAt, now)) end
  text = opened(micros(math.min(start, now)), micros(math.min(active, now)))
  local left = redis.call('PTTL', key)
  redis.call('SET', key, text)
  if left >= 0 then redis.call('PEXPIRE', key, left) end
end
return {micros(now), text}
`;

export const READ = script(FOUND + ANSWER);

/**
 * Arguments: `ServerClock.latest()`, the session age, how long to keep the record, the time since the authentication
 * (as stored, but an age), the limits, and the user if there is one.
 */
export const OPEN = script(`${FOUND}
if not text then
  local at = math.min(now, ARGV[1])
  start, active = micros(math.max(0, at - ARGV[2])), micros(at)
  auth, idle, absolute, rest = ARGV[4], ARGV[5], ARGV[6], ARGV[7] and ' ' .. ARGV[7] or ''
  if tonumber(auth) then auth = micros(math.max(0, at - auth)) end
  text = opened(start, active)
  redis.call('SET', key, text, 'PX', ARGV[3])
end
${ANSWER}`);

/**
 * Arguments: `ServerClock.latest()`, the time since the activity, how long to keep the record, and the limits if they
 * are to be stored.
 */
export const ADVANCE = script(`${FOUND}
${LONGER}
local at = math.max(0, math.min(now, ARGV[1]) - ARGV[2])
local known = tonumber(active)
local moves = known and (at > known or known > now)
local grows = false
if known and ARGV[4] then
  local longest = {longer(idle, ARGV[4]), longer(absolute, ARGV[5])}
  grows = longest[1] ~= idle or longest[2] ~= absolute
  idle, absolute = longest[1], longest[2]
end
if moves or grows then
  local left = redis.call('PTTL', key)
  local longest = left > tonumber(ARGV[3]) and left or ARGV[3]
  redis.call('SET', key, opened(start, moves and micros(at) or active), 'PX', longest)
end
return micros(now)
`);

/**
 * Arguments: the name of this call, how long to keep the tombstone, and the reason. Replaces whatever else is stored
 * under the key. Returns whether this call has ended the session, and what was stored before.
 */
export const END = script(`${FOUND}
${TOMBSTONE}
if isTombstone then return {endedBy == ARGV[1] and 1 or 0, text} end
entomb(ARGV[3], ARGV[1], ARGV[2])
return {1, text or ''}
`);

/**
 * Judges a session by its limits, with the rule of `policy/verdict.ts`, and ends it if it is past a limit. Arguments:
 * the name of this call, how long to keep the tombstone, and the minimum limits. Returns what was stored before, and the
 * reason if this call has ended the session, or the microseconds until a limit, or nothing if there was no open session.
 */
export const EXPIRE = script(`${FOUND}
${TOMBSTONE}
${LONGER}
if not text or isTombstone then return {text or '', isTombstone and endedBy == ARGV[1] and reason or ''} end
local function left(limit, time)
  return tonumber(limit) and limit * 1000 - math.max(0, now - time) or math.huge
end
local verdict = 'absolute'
if active then
  local idleLeft = left(longer(idle, ARGV[3]), active)
  local absoluteLeft = left(longer(absolute, ARGV[4]), start)
  local least = math.min(idleLeft, absoluteLeft)
  if least == math.huge then return {text, 'never'} end
  if least > 0 then return {text, micros(least)} end
  verdict = idleLeft < absoluteLeft and 'idle' or 'absolute'
end
entomb(verdict, ARGV[1], ARGV[2])
return {text, verdict}
`);
