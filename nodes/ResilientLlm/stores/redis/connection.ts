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
	/** Empty: no password is sent. */
	readonly password: string;
	/** Database number. Default 0. */
	readonly database?: number;
	/** Every key begins with this prefix. Empty: `n8n-resilient-llm`. */
	readonly keyPrefix?: string;
	/** Undefined: no TLS. */
	readonly tls?: TlsSettings;
	/** Time limit for connecting and for each reply, in ms. Default `defaultTimeoutMs`. */
	readonly timeoutMs?: number;
	/** For tests: added to the server's clock, in ms. */
	readonly clockShiftMs?: () => number;
}

/** A Lua script, which the server runs atomically. */
export interface RedisScript {
	/**
	 * Receives the key prefix as `KEYS[1]`, the shift of the clock in ms as `ARGV[1]`, and the caller's values from
	 * `ARGV[2]` on.
	 */
	readonly lua: string;
	readonly sha1: string;
}

export function redisScript(lua: string): RedisScript {
	return { lua, sha1: createHash('sha1').update(lua).digest('hex') };
}

/**
 * One connection to Redis, shared by the stores of this package. Opened on first use, and opened again after it broke.
 */
export interface RedisConnection {
	/** Host and port, for error messages. */
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
		// Redis replies carry no ID: they are matched to commands by their order. If a reply is missing, the next one would
		// be taken for it, so reconnect.
		if (!isReply(error) && redis.stream === connection) redis.disconnect(true);
		throw error;
	});
}

/** Whether the error is a reply of the server, and not a network error. ioredis names such errors `ReplyError`. */
function isReply(error: unknown): boolean {
	return error instanceof Error && error.name === 'ReplyError';
}

/**
 * Puts the name in braces. They make a Redis cluster keep all keys in one hash slot; a script may only touch keys of
 * one slot.
 */
function slotPrefix(name: string): string {
	if (/^[^{}]+$/.test(name)) return `{${name}}:`;
	throw new TaskStoreError(
		`"${name.slice(0, 80)}" cannot be a key prefix, because of its braces. Change it in the credential.`,
	);
}

/**
 * Longest pause before the next attempt to connect, in ms. Shorter than the time limit of a call, so that a call can
 * outlast it.
 */
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
		// The ready check needs the right to run INFO, which the store does not need; a server that is still loading
		// replies with an error anyway.
		enableReadyCheck: false,
		connectTimeout: timeoutMs,
		commandTimeout: timeoutMs,
		socketTimeout: timeoutMs,
		retryStrategy: (attempt: number) => Math.min(longestReconnectPause, 50 * 2 ** (attempt - 1)),
		// Never queue commands for later: the caller may have given up by then, and a late claim would take the task for a
		// run that no longer exists.
		enableOfflineQueue: false,
		maxRetriesPerRequest: 0,
	} satisfies RedisOptions;
}

interface WatchedRedis {
	readonly redis: Redis;
	/**
	 * Resolves once commands can be sent. Rejects with the reason when connecting fails or takes longer than `timeoutMs`.
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
		// If the database cannot be selected, ioredis would silently continue in database 0.
		if (/^ERR (DB index|invalid DB index|SELECT)/.test(errorText(error))) wrongDatabase = error;
	});
	redis.on('close', () => {
		wrongDatabase = undefined;
	});

	return {
		redis,
		async connected() {
			// The status is still `ready` for a moment after a connection broke, so its socket is checked as well.
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
