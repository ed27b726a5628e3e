import { script } from './prelude';

/**
 * Values: key, fingerprint, owner, task hash, workflow ID, identity, lease in ms, retention in ms. Returns the end of
 * the lease when the claim was won; a list with only that end when it was won because the server had evicted the
 * content of the task's record; otherwise now and the row that holds the key.
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
 * Values: key, owner, state, summary, payload, token hash, due in ms, hold in ms, retention in ms, then those of
 * `ledgerValues`. Values that do not apply are empty. Returns 1 when stored, 0 when the lease is lost, or 2 when there
 * is no such task.
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

/** Values: key, owner. Returns 1 when the lease was released, or 0 when the owner did not hold it. */
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
 * Values: key, key to use when that one is taken, fingerprint, task hash, workflow ID, identity, duration of the run in
 * ms, then those of `finishScript` from the state on.
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
 * Values: state, since, instant and key of the start of the page, count, and 1 to include the content. Returns now, up
 * to `count` rows of that state strictly below the start, newest first, and 1 when there are no more.
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

/** Values: retention in ms, count. Returns how many records were changed or deleted, and how many were looked at. */
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
