import { CLAIM_HOLDS_FOR } from '../user-sessions.js';
import { script } from './redis-client.js';

/*
 * The sessions of a user are the fields of one hash. A field is the key of a session. Its value is:
 *
 *   <state><grace>[<device>]
 *
 * `state` is `c` for a claimed place, `o` for an open session, `l` for a session that has given up its place and is
 * leaving, and `r` for a session that goes on under another key, which has its place. Until `grace`, in milliseconds on
 * the clock of this Redis, the session counts without a record, because the record may be on its way to another server.
 * `device` is JSON. The records are elsewhere, so a value only suggests.
 *
 * Durations in arguments are milliseconds.
 */

const COMMON = `
local name = KEYS[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function millis(time) return string.format('%.0f', time) end
-- Something else under the name counts as nothing.
local function found(command, ...)
  local reply = redis.pcall(command, name, ...)
  if type(reply) ~= 'table' or not reply.err then return reply end
  redis.call('DEL', name)
  return false
end
local function keepFor(time)
  if redis.call('PTTL', name) < tonumber(time) then redis.call('PEXPIRE', name, time) end
end
local function parts(value)
  local state, grace, device = string.match(value, '^([colr])(%d+)(.*)$')
  if not state or #grace > 16 then return 'o', 0, '' end
  -- A time too far in the future comes from a clock that was set back later.
  return state, math.min(grace, now + ${CLAIM_HOLDS_FOR}), device
end
local function put(key, state, grace, device)
  redis.call('HSET', name, key, state .. millis(grace) .. device)
end
`;

/** All sessions, with their current states and their values. */
const ENTRIES = `
local function entries(first)
  local answer = {first, millis(now)}
  local all = found('HGETALL') or {}
  for i = 1, #all, 2 do
    local state, grace, device = parts(all[i + 1])
    local value = state .. millis(grace) .. device
    if value ~= all[i + 1] then redis.call('HSET', name, all[i], value) end
    answer[#answer + 1] = all[i]
    answer[#answer + 1] = value
  end
  return answer
end
`;

/** Returns 1, the time, and the keys and values of all sessions. */
export const LIST = script(`${COMMON}
${ENTRIES}
return entries(1)
`);

/**
 * Notes that a session is opened. Arguments: its key, how long it counts without a record, how long to keep the list,
 * and the device or nothing. Returns how many sessions are on the list.
 */
export const ENTER = script(`${COMMON}
local known = found('HGET', ARGV[1])
local state, device = 'o', ''
if known then
  local was, _, had = parts(known)
  if was == 'l' or was == 'r' then state = was end
  device = had
end
put(ARGV[1], state, now + ARGV[2], device ~= '' and device or ARGV[4])
keepFor(ARGV[3])
return redis.call('HLEN', name)
`);

/**
 * Gives a session a place, if there are fewer than `max` others, or if it replaces one that has a place. An open session
 * that has given up its place may get one again. The argument is JSON: `key`, `max`, `evict`, `replaces`, and `stale`:
 * keys and values of sessions that have ended. Returns whether the session has a place, and the same list as LIST.
 */
export const CLAIM = script(`${COMMON}
${ENTRIES}
local asked = cjson.decode(ARGV[1])
for _, stale in ipairs(asked.stale) do
  if found('HGET', stale[1]) == stale[2] then redis.call('HDEL', name, stale[1]) end
end
local gives = {}
for _, key in ipairs(asked.evict) do gives[key] = 'evicted' end
if asked.replaces then gives[asked.replaces] = 'replaced' end

local others, evicted, hasPlace, replaced, returning = 0, {}, false, nil, nil
local all = found('HGETALL') or {}
for i = 1, #all, 2 do
  local key, state, grace, device = all[i], parts(all[i + 1])
  if state == 'c' and grace <= now then redis.call('HDEL', name, key)
  elseif state == 'l' or state == 'r' then
    if key == asked.key then returning = device end
  elseif key == asked.key then hasPlace = state
  elseif not gives[key] then others = others + 1
  elseif gives[key] == 'evicted' then evicted[#evicted + 1] = {key, device}
  else replaced = {grace, device} end
end
if hasPlace == 'c' then put(asked.key, 'c', now + ${CLAIM_HOLDS_FOR}, '')
elseif not hasPlace then
  if not replaced and others + 1 > asked.max then return entries(0) end
  for _, other in ipairs(evicted) do put(other[1], 'l', now + ${CLAIM_HOLDS_FOR}, other[2]) end
  if replaced then put(asked.replaces, 'r', replaced[1], replaced[2]) end
  put(asked.key, returning and 'o' or 'c', now + ${CLAIM_HOLDS_FOR}, returning or '')
  keepFor(${2 * CLAIM_HOLDS_FOR})
end
return entries(1)
`);

/** Takes sessions off the list. Arguments: their keys and values. Entries that have changed meanwhile stay. */
export const DROP = script(`${COMMON}
for i = 1, #ARGV, 2 do
  if found('HGET', ARGV[i]) == ARGV[i + 1] then redis.call('HDEL', name, ARGV[i]) end
end
`);

/** Takes a session off the list, whatever its value. The argument is its key. */
export const REMOVE = script(`${COMMON}
if found('HEXISTS', ARGV[1]) == 1 then redis.call('HDEL', name, ARGV[1]) end
`);

/**
 * Returns 1 if an open session is leaving. If it is not on the list, it is put there: the list may have been lost.
 * Arguments: its key, and how long to keep the list.
 */
export const CHECK = script(`${COMMON}
local known = found('HGET', ARGV[1])
if not known then put(ARGV[1], 'o', now, '') end
keepFor(ARGV[2])
return known and parts(known) == 'l' and 1 or 0
`);
