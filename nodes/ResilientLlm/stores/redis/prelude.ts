import { redisScript } from './connection';

/**
 * Keys, all of which begin with the prefix:
 * - `task:<key>`, a hash: the row without its content
 * - `content:<key>`, a hash: payload and response, in a key of their own so that the server deletes them on time even
 *   if prune never runs
 * - `token:<hash>`: the key of the review that was created with this link
 * - `link:<hash>`: for an additional link, the hash of the link that the review was created with
 * - `reviews:<task hash>`, sorted by time: the keys of the reviews of a task ID
 * - `state:<state>`, sorted by time: the keys of all records in a state
 * - `prune`, sorted by time: when each record next has something to delete
 * - `deliver:<receiver>`, sorted by time: when each of its undelivered decisions may be handed over; see
 *   `deliveries.ts`
 * - `ledger:<hour>`, a string that is appended to: the lines of each write, with its minute (see `ledger.ts`)
 * - `facets:<day>`, a hash: the JSON of the facets that the lines of the day refer to, by their hash
 * - `ledger`, sorted: the hours that have lines
 *
 * Only the prefix is declared in `KEYS`, because which other keys a script touches depends on what it reads. All keys
 * are in one hash slot. Expiry by the server (PEXPIRE) is only a safety net, set later than the instants in the
 * records; what is valid depends on those instants alone.
 */
const prelude = `
local prefix = KEYS[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000) + math.floor(tonumber(ARGV[1]))
local margin = 3600000

-- Lua would write a large number as 1.7e+12.
local function whole(number) return string.format('%.0f', number) end

local function task(key) return prefix .. 'task:' .. key end
local function content(key) return prefix .. 'content:' .. key end

local states = { 'processing', 'answered', 'pending_human_review', 'resolved', 'expired' }
local function unlist(key)
	for _, state in ipairs(states) do redis.call('ZREM', prefix .. 'state:' .. state, key) end
end
local function enlist(key, state, at)
	unlist(key)
	redis.call('ZADD', prefix .. 'state:' .. state, whole(at), key)
end

local function forgetReview(key)
	local token, taskHash, receiver = unpack(redis.call('HMGET', task(key), 'token_hash', 'task_hash', 'receiver'))
	if receiver then redis.call('ZREM', prefix .. 'deliver:' .. receiver, key) end
	if token then
		redis.call('DEL', prefix .. 'token:' .. token)
		redis.call('ZREM', prefix .. 'reviews:' .. taskHash, key)
	end
end

-- Gives a key at least so long to live, in ms.
local function prolong(name, lifetime)
	if redis.call('PTTL', name) < lifetime then redis.call('PEXPIRE', name, whole(lifetime)) end
end

local function rememberReview(key, token, taskHash, lifetime)
	redis.call('SET', prefix .. 'token:' .. token, key, 'PX', whole(lifetime))
	redis.call('ZADD', prefix .. 'reviews:' .. taskHash, whole(now), key)
	prolong(prefix .. 'reviews:' .. taskHash, lifetime)
end

local function row(key, withContent)
	local fields = redis.call('HGETALL', task(key))
	if redis.call('HEXISTS', task(key), 'deliver_at') == 1 then
		table.insert(fields, 'undelivered')
		table.insert(fields, '1')
	end
	if #fields > 0 and withContent then
		for _, part in ipairs(redis.call('HGETALL', content(key))) do table.insert(fields, part) end
	end
	return fields
end

-- Adds lines to the ledger. ARGV[at] holds them, ARGV[at - 1] says how long in ms; behind them come number and JSON of each facet.
local function addLines(at)
	if ARGV[at] == '' then return end
	local hour, day = whole(math.floor(now / 3600000)), whole(math.floor(now / 86400000))
	local lines, facets, hours = prefix .. 'ledger:' .. hour, prefix .. 'facets:' .. day, prefix .. 'ledger'
	redis.call('APPEND', lines, whole(math.floor(now / 60000) % 60) .. ARGV[at] .. '\\n')
	for index = at + 1, #ARGV, 2 do redis.call('HSETNX', facets, ARGV[index], ARGV[index + 1]) end
	redis.call('ZADD', hours, hour, hour)
	for _, key in ipairs({ lines, facets, hours }) do redis.call('PEXPIRE', key, whole(tonumber(ARGV[at - 1]) + margin)) end
end

-- Writes the end of a run, into a row that has its identity.
local function finish(key, taskHash, state, summary, payload, token, dueIn, holdFor, retention)
	local holdsUntil = now + holdFor
	local lifetime = holdFor + retention + margin
	redis.call('HSET', task(key), 'state', state, 'summary', summary, 'happened_at', whole(now), 'holds_until', whole(holdsUntil))
	if dueIn ~= '' then redis.call('HSET', task(key), 'due_at', whole(now + tonumber(dueIn))) end
	redis.call('PEXPIRE', task(key), whole(lifetime))
	if payload ~= '' then
		redis.call('HSET', content(key), 'payload', payload)
		redis.call('PEXPIRE', content(key), whole(holdFor + margin))
	end
	if token ~= '' then
		redis.call('HSET', task(key), 'token_hash', token)
		rememberReview(key, token, taskHash, lifetime)
	end
	enlist(key, state, now)
	local nothingToDrop = payload == '' and state == 'answered'
	redis.call('ZADD', prefix .. 'prune', whole(nothingToDrop and now + retention or holdsUntil), key)
end
`;

/** A script that may use the functions of the prelude. */
export const script = (body: string) => redisScript(prelude + body);
