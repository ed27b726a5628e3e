import { createHash } from 'node:crypto';

import type { Redis, RedisOptions } from 'ioredis';

import { TaskStoreError } from '../../engine/store/task-store';
import { errorText } from '../connection-trouble';
import { redisStoreError } from './errors';
import { defaultTimeoutMs } from '../store-timeout';
import { tlsOptions, type TlsSettings } from '../tls';

export interface RedisSettings {
	readonly host: string;
	readonly port: number;
	/** Empty: the default user. */
	readonly username: string;
	/** Empty: none is sent. */
	readonly password: string;
	/** Database number. Default 0. */
	readonly database?: number;
	/** Begins every key. Empty: `n8n-resilient-llm`. */
	readonly keyPrefix?: string;
	/** Undefined: no TLS. */
	readonly tls?: TlsSettings;
	/** Longest wait for a connection, and for a reply, in ms. Default `defaultTimeoutMs`. */
	readonly timeoutMs?: number;
	/** For tests: added to the server's clock, in ms. */
	readonly clockShiftMs?: () => number;
}

/** A script that runs on the server as one step, with nothing in between. */
export interface RedisScript {
	/**
	 * It gets the key prefix as `KEYS[1]`, the shift of the clock in ms as `ARGV[1]`, and the caller's values from
	 * `ARGV[2]` on.
	 */
	readonly lua: string;
	readonly sha1: string;
}

export function redisScript(lua: string): RedisScript {
	return { lua, sha1: createHash('sha1').update(lua).digest('hex') };
}

/** One connection, shared by whatever this package keeps there. Opens on first use, and anew after a cut. */
export interface RedisConnection {
	/** For messages. */
	readonly where: string;
	/** Rejects with a `TaskStoreError`. */
	run(script: RedisScript, values: readonly (string | number)[]): Promise<unknown>;
	close(): Promise<void>;
}

export function connectRedis(settings: RedisSettings): RedisConnection {
	const where = `Redis at ${settings.host}:${settings.port}`;
	const timeoutMs = settings.timeoutMs ?? defaultTimeoutMs;
	const shift = settings.clockShiftMs ?? (() => 0);
	const prefix = slotPrefix(settings.keyPrefix || 'n8n-resilient-llm');
	let opening: Promise<WatchedRedis> | undefined;
	let closed = false;

	return {
		where,
		run: async (script, values) => {
			const redis = await connected().catch((error: unknown) => {
				throw redisStoreError(error, where, 'nothing');
			});
			return await evaluate(redis, script, [prefix, shift(), ...values]).catch((error: unknown) => {
				throw redisStoreError(error, where, isReply(error) ? 'nothing' : 'unknown');
			});
		},
		async close() {
			closed = true;
			const opened = await opening;
			await opened?.close();
		},
	};

	async function connected(): Promise<Redis> {
		if (closed) throw new TaskStoreError(`${where} is closed.`);
		const watched = await (opening ??= openRedis(redisOptions(settings, timeoutMs), timeoutMs));
		await watched.connected();
		return watched.redis;
	}
}

async function evaluate(redis: Redis, script: RedisScript, values: readonly (string | number)[]): Promise<unknown> {
	const connection = redis.stream;
	const run = async () =>
		await redis.evalsha(script.sha1, 1, ...values).catch(async (error: unknown) => {
			if (!errorText(error).startsWith('NOSCRIPT')) throw error;
			return await redis.eval(script.lua, 1, ...values);
		});
	return await run().catch((error: unknown) => {
		// Replies are told apart by their order alone. Where one is missing, the next would be taken for it.
		if (!isReply(error) && redis.stream === connection) redis.disconnect(true);
		throw error;
	});
}

/** Whether the server itself said no. ioredis gives such an error a name of its own. */
function isReply(error: unknown): boolean {
	return error instanceof Error && error.name === 'ReplyError';
}

/** The braces keep all keys in one slot of a cluster, where a script may touch several of them. */
function slotPrefix(name: string): string {
	if (/^[^{}]+$/.test(name)) return `{${name}}:`;
	throw new TaskStoreError(
		`"${name.slice(0, 80)}" cannot be a key prefix, because of its braces. Change it in the credential.`,
	);
}

/** Pause before the next attempt to connect, in ms: short enough that a call outlasts it. */
const longestReconnectPause = 1000;

function redisOptions(settings: RedisSettings, timeoutMs: number) {
	return {
		host: settings.host,
		port: settings.port,
		...(settings.username !== '' && { username: settings.username }),
		...(settings.password !== '' && { password: settings.password }),
		db: settings.database ?? 0,
		...(settings.tls !== undefined && { tls: tlsOptions(settings.tls) }),
		connectionName: 'n8n-nodes-resilient-llm',
		lazyConnect: true,
		// RESP2 is what every server and proxy speaks, and nothing here needs more.
		protocol: 2 as const,
		// It asks for more rights than the store needs, and a server that is still loading says so by itself.
		enableReadyCheck: false,
		connectTimeout: timeoutMs,
		commandTimeout: timeoutMs,
		socketTimeout: timeoutMs,
		retryStrategy: (attempt: number) => Math.min(longestReconnectPause, 50 * 2 ** (attempt - 1)),
		// A command is sent while its caller waits for it, or never: what is sent later might claim a task for nobody.
		enableOfflineQueue: false,
		maxRetriesPerRequest: 0,
	} satisfies RedisOptions;
}

interface WatchedRedis {
	readonly redis: Redis;
	/**
	 * Resolves once commands can be sent. Rejects with the reason when the attempt to connect fails, or takes too long.
	 */
	connected(): Promise<void>;
	close(): Promise<void>;
}

async function openRedis(options: ReturnType<typeof redisOptions>, timeoutMs: number): Promise<WatchedRedis> {
	const { Redis } = await import('ioredis');
	const redis = new Redis(options);
	let lastError: unknown;
	let waiting: Promise<void> | undefined;
	let wrongDatabase: unknown;
	redis.on('error', (error: unknown) => {
		lastError = error;
		// ioredis would go on in database 0.
		if (/^ERR (DB index|invalid DB index|SELECT)/.test(errorText(error))) wrongDatabase = error;
	});
	redis.on('close', () => {
		wrongDatabase = undefined;
	});

	return {
		redis,
		async connected() {
			// A connection that broke a moment ago is still called ready.
			if (redis.status !== 'ready' || !redis.stream.writable) {
				waiting ??= nextAttempt().finally(() => {
					waiting = undefined;
				});
				await waiting;
			}
			if (wrongDatabase !== undefined) throw wrongDatabase;
		},
		async close() {
			if (redis.status === 'ready') await redis.quit().catch(() => undefined);
			redis.disconnect();
		},
	};

	function nextAttempt(): Promise<void> {
		lastError = undefined;
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => settle(() => reject(lastError ?? new Error('Connecting timed out'))), timeoutMs);
			const succeed = () => settle(resolve);
			const fail = () => settle(() => reject(lastError ?? new Error('Connection is closed')));
			function settle(end: () => void): void {
				clearTimeout(timer);
				redis.off('ready', succeed).off('close', fail);
				end();
			}
			redis.once('ready', succeed).once('close', fail);
			if (redis.status === 'wait' || redis.status === 'end') redis.connect().catch(() => undefined);
		});
	}
}
