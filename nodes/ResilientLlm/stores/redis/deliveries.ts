import { leaseDoublings, steadyHandovers, type Deliveries } from '../../engine/store/deliveries';
import type { RedisConnection } from './connection';
import { script } from './prelude';
import { wholeMs } from '../sql/task-row';

/**
 * Deliveries in Redis. While a decision is undelivered, the task's hash has the fields `receiver`, `deliver_at` and
 * `handovers`, and `execution` once an execution works on it. Entries in the receiver's sorted set whose hash has
 * expired are removed when they are found.
 */
export function createRedisDeliveries(connection: RedisConnection): Deliveries {
	return {
		async handOver({ to, leaseMs, limit, decisionId = '' }) {
			const reply = await connection.run(handOverScript, [to, wholeMs(leaseMs), limit, decisionId]);
			return (reply as readonly (readonly [string, string, number])[]).map(([id, key, count]) => ({
				decisionId: id,
				key,
				count,
			}));
		},
		async beginDelivery({ decisionId, executionId, leaseMs }) {
			const reply = await connection.run(beginScript, [decisionId, executionId, wholeMs(leaseMs)]);
			const [kind, other] = reply as readonly ['begun' | 'elsewhere' | 'delivered' | 'unknown', string?];
			return kind === 'elsewhere' ? { kind, executionId: String(other) } : { kind };
		},
		async endDelivery(decisionId) {
			await connection.run(endScript, [decisionId]);
		},
	};
}

/**
 * Values: key, verdict, response, receiver (empty: no workflow waits for the decision), lease in ms, how long to keep
 * the decision in ms, retention in ms. Returns now, the row, and 1 if this call decided or 0 if not.
 */
export const decideScript = script(`
local key, verdict, response, receiver = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local held = redis.call('HMGET', task(key), 'state', 'holds_until', 'happened_at', 'token_hash', 'task_hash')
if held[1] ~= 'pending_human_review' or tonumber(held[2]) <= now then return { now, row(key, true), 0 } end
local holdsUntil = math.max(tonumber(held[2]), now + tonumber(ARGV[7]))
local lifetime = holdsUntil - now + tonumber(ARGV[8]) + margin
redis.call('HSET', task(key), 'state', 'resolved', 'verdict', verdict, 'responded_at', whole(now), 'holds_until', whole(holdsUntil))
redis.call('HSET', content(key), 'response', response)
redis.call('PEXPIRE', content(key), whole(holdsUntil - now + margin))
for _, name in ipairs({ task(key), prefix .. 'token:' .. held[4], prefix .. 'reviews:' .. held[5] }) do prolong(name, lifetime) end
enlist(key, 'resolved', tonumber(held[3]))
redis.call('ZADD', prefix .. 'prune', whole(holdsUntil), key)
if receiver ~= '' then
	local deliverAt = whole(now + tonumber(ARGV[6]))
	redis.call('HSET', task(key), 'receiver', receiver, 'deliver_at', deliverAt, 'handovers', 1)
	redis.call('ZADD', prefix .. 'deliver:' .. receiver, deliverAt, key)
	prolong(prefix .. 'deliver:' .. receiver, lifetime)
end
return { now, row(key, true), 1 }
`);

const functions = `
-- leaseFactor of the engine.
local function lease(ms, handovers)
	return tonumber(ms) * 2 ^ math.min(${leaseDoublings}, math.max(0, tonumber(handovers) - ${steadyHandovers}))
end

local function deliverAt(key, receiver, instant)
	redis.call('HSET', task(key), 'deliver_at', whole(instant))
	redis.call('ZADD', prefix .. 'deliver:' .. receiver, whole(instant), key)
end

-- The key of a decision's record, and of its row what is asked for.
local function find(id, ...)
	local key = redis.call('GET', prefix .. 'token:' .. id)
	if not key then return nil end
	local found = redis.call('HMGET', task(key), 'token_hash', 'state', ...)
	if found[1] ~= id or found[2] ~= 'resolved' then return nil end
	return key, unpack(found, 3, 2 + select('#', ...))
end
`;

const deliveryScript = (body: string) => script(functions + body);

/**
 * Values: receiver, lease in ms, limit, decision ID (empty: any). Returns decision ID, key and number of handovers of
 * each.
 */
const handOverScript = deliveryScript(`
local receiver, leaseMs, limit, wanted = ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local queue, taken = prefix .. 'deliver:' .. receiver, {}

local function handOver(key)
	local held = redis.call('HMGET', task(key), 'token_hash', 'receiver', 'deliver_at', 'handovers', 'holds_until')
	if held[2] ~= receiver or tonumber(held[5]) <= now then return redis.call('ZREM', queue, key) end
	if tonumber(held[3]) > now then return deliverAt(key, receiver, tonumber(held[3])) end
	local count = held[4] + 1
	redis.call('HDEL', task(key), 'execution')
	redis.call('HSET', task(key), 'handovers', count)
	deliverAt(key, receiver, now + lease(leaseMs, count))
	table.insert(taken, { held[1], key, count })
end

if wanted ~= '' then
	local key = find(wanted)
	if key then handOver(key) end
	return taken
end
repeat
	local keys = redis.call('ZRANGEBYSCORE', queue, '-inf', whole(now), 'LIMIT', 0, limit - #taken)
	for _, key in ipairs(keys) do handOver(key) end
until #keys == 0 or #taken == limit
return taken
`);

/**
 * Values: decision ID, execution ID, lease in ms. Returns the kind of `DeliveryState`, and for `elsewhere` the ID of
 * the other execution.
 */
const beginScript = deliveryScript(`
local key, receiver, due, handovers, execution = find(ARGV[2], 'receiver', 'deliver_at', 'handovers', 'execution')
if not key then return { 'unknown' } end
if not due then return { 'delivered' } end
if execution and execution ~= ARGV[3] and tonumber(due) > now then return { 'elsewhere', execution } end
redis.call('HSET', task(key), 'execution', ARGV[3])
deliverAt(key, receiver, now + lease(ARGV[4], handovers))
return { 'begun' }
`);

/** Value: decision ID. */
export const endScript = deliveryScript(`
local key, receiver = find(ARGV[2], 'receiver')
if not receiver then return end
redis.call('HDEL', task(key), 'receiver', 'deliver_at', 'handovers', 'execution')
redis.call('ZREM', prefix .. 'deliver:' .. receiver, key)
`);
