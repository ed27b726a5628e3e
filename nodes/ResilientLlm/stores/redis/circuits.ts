import type { CircuitStore } from '../../engine/store/circuit-store';
import { redisScript, type RedisConnection } from './connection';

/**
 * An open circuit is stored as a hash `circuit:<target>`; for a closed one nothing is stored. All instants come from
 * the server's clock.
 */
const prelude = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000) + math.floor(tonumber(ARGV[1]))
local circuit = KEYS[1] .. 'circuit:' .. ARGV[2]
local function whole(number) return string.format('%.0f', number) end
`;

/**
 * How long an open circuit is kept after the instant from which it may be tried again, in ms. If no process has touched
 * it by then, it expires.
 */
const keepMs = 3_600_000;

const readScript = redisScript(`${prelude}
local reopensAt, openings = unpack(redis.call('HMGET', circuit, 'reopens_at', 'openings'))
if not reopensAt then return false end
return { whole(tonumber(reopensAt) - now), openings }
`);

const openScript = redisScript(`${prelude}
local reopensAt = math.max(now + tonumber(ARGV[3]), tonumber(redis.call('HGET', circuit, 'reopens_at') or 0))
redis.call('HSET', circuit, 'reopens_at', whole(reopensAt), 'openings', ARGV[4], 'probe_until', 0)
redis.call('PEXPIRE', circuit, whole(reopensAt - now + ${keepMs}))
`);

const claimProbeScript = redisScript(`${prelude}
local reopensAt, probeUntil = unpack(redis.call('HMGET', circuit, 'reopens_at', 'probe_until'))
if not reopensAt then return 1 end
if now < tonumber(reopensAt) or now < tonumber(probeUntil) then return 0 end
redis.call('HSET', circuit, 'probe_until', whole(now + tonumber(ARGV[3])))
return 1
`);

const closeScript = redisScript(`${prelude}
redis.call('DEL', circuit)
`);

/** Stores the open circuits in Redis, on a connection that it shares with the task store. */
export function redisCircuitStoreOn(connection: RedisConnection): CircuitStore {
	return {
		async read(target) {
			const reply = await connection.run(readScript, [target]);
			return Array.isArray(reply) ? { reopensInMs: Number(reply[0]), openings: Number(reply[1]) } : undefined;
		},
		async open(target, forMs, openings) {
			await connection.run(openScript, [target, Math.ceil(forMs), openings]);
		},
		async claimProbe(target, probeMs) {
			return (await connection.run(claimProbeScript, [target, Math.ceil(probeMs)])) === 1;
		},
		async close(target) {
			await connection.run(closeScript, [target]);
		},
	};
}
