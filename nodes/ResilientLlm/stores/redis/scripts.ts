import { redisScript } from './connection';

/**
 * Keys, all behind the prefix:
 * - `task:<key>`, a hash: the row without its content
 * - `content:<key>`, a hash: payload and response, so that the server drops them on time even if nobody prunes
 * - `token:<hash>`: the key of the review that its own link opens; `link:<hash>`: for each further link, the hash of
 * its own
 * - `reviews:<task hash>`, sorted by time: the reviews of a task ID
 * - `state:<state>`, sorted by time: the keys of all records in a state
 * - `prune`, sorted by time: when each record has something to lose
 * - `deliver:<receiver>`, sorted by time: when each of its undelivered decisions may be handed over; see
 * `redis-deliveries.ts`
 * - `ledger:<hour>`, a string that grows: for each write its minute and its lines (see `redis-ledger.ts`)
 * - `facets:<day>`, a hash: what the numbers of facets in that day's lines stand for, as JSON
 * - `ledger`, sorted: the hours that have lines
 *
 * Only the prefix is declared in `KEYS`: which other keys a script touches depends on what it finds. All are in one
 * slot. The server's own expiry is a safety net, set later than the instants in the records; those decide.
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

/**
 * Values: key, fingerprint, owner, task hash, workflow ID, identity, lease in ms, retention in ms. Returns the lease's
 * end; or a list of that alone, when the server had evicted what it kept of this task; or now and the row in the way.
 */
export const claimScript = script(`
local key, fingerprint, owner, taskHash, workflowId, identity = unpack(ARGV, 2, 7)
local leaseMs, retention = tonumber(ARGV[8]), tonumber(ARGV[9])
local held = redis.call('HMGET', task(key), 'holds_until', 'state', 'owner', 'fingerprint', 'verdict')
local again = held[2] == 'processing' and held[3] == owner and held[4] == fingerprint
local isTaken = held[1] and tonumber(held[1]) > now and not again
-- A record without its content can neither be replayed nor decided. Only a rejection has nothing but its verdict to say.
local isEvicted = isTaken and held[4] == fingerprint and held[2] ~= 'processing' and held[5] ~= 'reject'
	and redis.call('EXISTS', content(key)) == 0
if isTaken and not isEvicted then return { now, row(key, true) } end

forgetReview(key)
redis.call('DEL', task(key), content(key))
local holdsUntil = now + leaseMs
redis.call('HSET', task(key), 'key', key, 'state', 'processing', 'fingerprint', fingerprint, 'owner', owner, 'task_hash', taskHash,
	'workflow_id', workflowId, 'identity', identity, 'started_at', whole(now), 'happened_at', whole(now), 'holds_until', whole(holdsUntil))
redis.call('PEXPIRE', task(key), whole(leaseMs + retention + margin))
enlist(key, 'processing', now)
redis.call('ZADD', prefix .. 'prune', whole(holdsUntil + retention), key)
return isEvicted and { holdsUntil } or holdsUntil
`);

/**
 * Values: key, owner, state, summary, payload, token hash, due in ms, hold in ms, retention in ms, then the ledger's as
 * for `addLinesScript`; empty for none. Returns 1, 0 when the lease is lost, or 2 when there is no such task.
 */
export const finishScript = script(`
local key, owner, state, summary, payload, token, dueIn = unpack(ARGV, 2, 8)
local held = redis.call('HMGET', task(key), 'owner', 'state', 'task_hash')
if not held[2] then return 2 end
if held[1] ~= owner then return 0 end
if held[2] ~= 'processing' then return (held[2] == 'answered') == (state == 'answered') and 1 or 0 end
finish(key, held[3], state, summary, payload, token, dueIn, tonumber(ARGV[9]), tonumber(ARGV[10]))
addLines(12)
return 1
`);

/** Values: key, owner. */
export const releaseScript = script(`
local key, owner = ARGV[2], ARGV[3]
local held = redis.call('HMGET', task(key), 'owner', 'state')
if held[1] ~= owner or held[2] ~= 'processing' then return 0 end
redis.call('DEL', task(key))
unlist(key)
redis.call('ZREM', prefix .. 'prune', key)
return 1
`);

/**
 * Values: key, key to use when that is taken, fingerprint, task hash, workflow ID, identity, duration of the run in ms,
 * then as for finish from the state on.
 */
export const noteScript = script(`
local key, otherKey, fingerprint, taskHash, workflowId, identity = unpack(ARGV, 2, 7)
local state, summary, payload, token, dueIn = unpack(ARGV, 9, 13)
if token ~= '' and redis.call('HGET', task(key), 'token_hash') == token then return 1 end
if redis.call('EXISTS', task(key)) == 1 then key = otherKey end
if redis.call('EXISTS', task(key)) == 1 then return 1 end
redis.call('HSET', task(key), 'key', key, 'fingerprint', fingerprint, 'task_hash', taskHash, 'workflow_id', workflowId,
	'identity', identity, 'started_at', whole(now - tonumber(ARGV[8])))
finish(key, taskHash, state, summary, payload, token, dueIn, tonumber(ARGV[14]), tonumber(ARGV[15]))
addLines(17)
return 1
`);

/** Values: the ledger's retention in ms, lines, then number and JSON of each facet in turn. */
export const addLinesScript = script(`addLines(3)`);

/** Values: first and last hour. Returns those in between that have lines. */
export const hoursScript = script(`return redis.call('ZRANGEBYSCORE', prefix .. 'ledger', ARGV[2], ARGV[3])`);

/** Value: hour. Returns its lines, and number and JSON of its day's facets in turn; nothing when it has no lines. */
export const hourScript = script(`
local hour = tonumber(ARGV[2])
local lines = redis.call('GET', prefix .. 'ledger:' .. whole(hour))
return lines and { lines, redis.call('HGETALL', prefix .. 'facets:' .. whole(math.floor(hour / 24))) } or {}
`);

/** Value: the ledger's retention in ms. */
export const pruneLedgerScript = script(`
local firstKept = math.floor((now - tonumber(ARGV[2])) / 3600000)
for _, hour in ipairs(redis.call('ZRANGEBYSCORE', prefix .. 'ledger', '-inf', '(' .. whole(firstKept))) do
	redis.call('DEL', prefix .. 'ledger:' .. hour)
	if math.floor(hour / 24) < math.floor(firstKept / 24) then redis.call('DEL', prefix .. 'facets:' .. whole(math.floor(hour / 24))) end
	redis.call('ZREM', prefix .. 'ledger', hour)
end
`);

/** Value: key. Returns now and the row. */
export const getScript = script(`return { now, row(ARGV[2], true) }`);

/** Values: key, token hash. Returns 1, or 0 when the review is not pending. */
export const addLinkScript = script(`
local key, token = ARGV[2], ARGV[3]
local held = redis.call('HMGET', task(key), 'state', 'holds_until', 'token_hash')
if held[1] ~= 'pending_human_review' or tonumber(held[2]) <= now then return 0 end
redis.call('SET', prefix .. 'link:' .. token, held[3], 'PX', redis.call('PTTL', task(key)))
return 1
`);

/** Values: token hash, task hash; one of them empty. Returns now and the row. */
export const findReviewScript = script(`
local token, taskHash = ARGV[2], ARGV[3]
if token ~= '' then
	local key = redis.call('GET', prefix .. 'token:' .. (redis.call('GET', prefix .. 'link:' .. token) or token))
	return { now, key and row(key, true) or {} }
end
for _, key in ipairs(redis.call('ZREVRANGE', prefix .. 'reviews:' .. taskHash, 0, -1)) do
	local found = row(key, true)
	if #found > 0 then return { now, found } end
end
return { now, {} }
`);

/**
 * Values: state, since, instant and key of the page's start, count, and 1 to get the content. Returns now, the rows of
 * that state strictly below the start, newest first, and 1 when there are no more.
 */
export const rangeScript = script(`
local state, since, belowAt, belowKey, count, withContent = ARGV[2], ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6]), ARGV[7] == '1'
local rows, offset = {}, 0
while true do
	local keys = redis.call('ZREVRANGEBYSCORE', prefix .. 'state:' .. state, belowAt, since, 'WITHSCORES', 'LIMIT', offset, count)
	for index = 1, #keys, 2 do
		if tonumber(keys[index + 1]) < tonumber(belowAt) or keys[index] < belowKey then
			local found = row(keys[index], withContent)
			if #found > 0 then table.insert(rows, found) end
			if #rows == count then return { now, rows, 0 } end
		end
	end
	if #keys < count * 2 then return { now, rows, 1 } end
	offset = offset + count
end
`);

/** Values: retention in ms, count. Returns how many records were touched, and how many were looked at. */
export const pruneScript = script(`
local retention, count = tonumber(ARGV[2]), tonumber(ARGV[3])
local keys = redis.call('ZRANGEBYSCORE', prefix .. 'prune', '-inf', whole(now), 'LIMIT', 0, count)
local touched = 0
for _, key in ipairs(keys) do
	local held = redis.call('HMGET', task(key), 'holds_until', 'state', 'happened_at')
	if not held[1] then
		unlist(key)
		redis.call('ZREM', prefix .. 'prune', key)
	elseif tonumber(held[1]) + retention <= now then
		forgetReview(key)
		redis.call('DEL', task(key), content(key))
		unlist(key)
		redis.call('ZREM', prefix .. 'prune', key)
		touched = touched + 1
	else
		redis.call('DEL', content(key))
		if held[2] == 'pending_human_review' then
			redis.call('HSET', task(key), 'state', 'expired')
			enlist(key, 'expired', tonumber(held[3]))
		end
		redis.call('ZADD', prefix .. 'prune', whole(tonumber(held[1]) + retention), key)
		touched = touched + 1
	end
end
return { touched, #keys }
`);
