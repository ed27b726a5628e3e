import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { removeOnExit } from '../install/remove-on-exit.ts';
import { N8nInstance } from '../server/n8n-instance.ts';
import { CountedModel } from './counted-model.ts';
import { N8nApi } from './n8n-api.ts';
import { startServer, until } from './processes.ts';
import { send, type SendOptions, type SentCall } from './sender.ts';
import { modelCredential, postgresCredential, postgresData, redisCredential, redisData } from './store-credentials.ts';
import {
	answeredTasks,
	startPostgres,
	startRedis,
	startTcpProxy,
	type TcpProxy,
	type TestServer,
} from './store-servers.ts';
import { webhookWorkflow } from './webhook-workflow.ts';

/** First connections break and new ones are refused, then they are taken and nothing comes through. */
const cutMs = 20_000;
const silentMs = 10_000;

/** For each store. Each sends one call after the other. */
const senders = [0, 1, 2, 3, 4];
const pauseMs = 200;
const timeoutMs = 30_000;

/** Longer than the store's own limit for one operation, so that whatever is under way at a change has ended. */
const settledWithinMs = 6000;

interface TimedCall extends SentCall {
	readonly startedAt: number;
	readonly endedAt: number;
}

interface Store {
	readonly server: TestServer;
	readonly line: TcpProxy;
	readonly address: object;
	readonly webhook: string;
	/** Calls without protection against duplicates. */
	readonly calls: TimedCall[];
	/** Calls with it, made during the cut. */
	readonly guarded: TimedCall[];
}

describe('n8n under load, whose task stores cannot be reached for half a minute', () => {
	let model: CountedModel;
	let n8n: N8nInstance;
	let stores: Readonly<Record<string, Store>>;
	let cutAt: number;
	let upAt: number;
	let removeUserFolder: () => Promise<void>;

	beforeAll(async () => {
		const userFolder = await mkdtemp(join(tmpdir(), 'n8n-nodes-resilient-llm-'));
		removeUserFolder = removeOnExit(userFolder);
		const [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
		const [toRedis, toPostgres] = await Promise.all([startTcpProxy(redis.port), startTcpProxy(postgres.port)]);
		model = await CountedModel.start(100);
		n8n = await N8nInstance.prepare({ userFolder });
		await startServer(n8n);
		const api = await N8nApi.logIn(n8n.url);
		const ofModel = await modelCredential(api, model.url);
		const publish = async (store: 'redis' | 'postgres', ofStore: typeof ofModel) =>
			await api.publish(
				webhookWorkflow({ path: store, store, credentials: { ...ofModel, ...ofStore }, deadlineSeconds: 30 }),
				store,
			);
		stores = {
			redis: {
				server: redis,
				line: toRedis,
				address: { kind: 'redis', ...redisData(redis.port), keyPrefix: redisData(redis.port).prefix },
				webhook: await publish('redis', await redisCredential(api, toRedis.port)),
				calls: [],
				guarded: [],
			},
			postgres: {
				server: postgres,
				line: toPostgres,
				address: { kind: 'postgres', ...postgresData(postgres.port) },
				webhook: await publish('postgres', await postgresCredential(api, toPostgres.port)),
				calls: [],
				guarded: [],
			},
		};
		await cutUnderLoad(Object.entries(stores));
		for (const [name, { calls, guarded }] of Object.entries(stores))
			process.stderr.write(summaryOf(name, calls, guarded, upAt));
	});

	afterAll(async () => {
		await n8n?.stop();
		await model?.stop();
		await Promise.all(Object.values(stores ?? {}).flatMap(({ server, line }) => [line.stop(), server.stop()]));
		await removeUserFolder?.();
	});

	describe.each(['redis', 'postgres'])('with the task store %s', (name) => {
		test('no answer is lost', () => {
			const { calls } = storeOf(name);
			expect(calls.length).toBeGreaterThan(100);
			expect(
				calls.filter(
					({ taskId, reply, failedTries }) =>
						!reply.output?.startsWith(`Answer to ${taskId},`) || failedTries.length > 0,
				),
			).toEqual([]);
		});

		test('every answer given during the cut carries a warning that names the server', () => {
			const during = storeOf(name).calls.filter(({ startedAt, endedAt }) => startedAt > cutAt && endedAt < upAt);
			expect(during.length).toBeGreaterThan(20);
			const warning = new RegExp(
				`^The task store could not keep a record of this task: (Redis|PostgreSQL) at 127\\.0\\.0\\.1:${storeOf(name).line.port}`,
			);
			for (const { reply } of during) expect(reply.warnings).toEqual([expect.stringMatching(warning)]);
		});

		test('a task that must run only once is refused during the cut, and no model is asked', () => {
			const { guarded } = storeOf(name);
			expect(guarded.length).toBeGreaterThan(3);
			for (const { reply } of guarded) {
				expect(reply.error).toMatch(
					/^The task store could not be asked whether this task was done before: (Redis|PostgreSQL) at 127\.0\.0\.1:\d+/,
				);
				expect(reply.details).toContain('No model was called');
			}
			const asked = new Set(model.generations.map(({ taskId }) => taskId));
			expect(guarded.filter(({ taskId }) => asked.has(taskId))).toEqual([]);
		});

		test('it recovers by itself: no more warnings, and a record of every task', async () => {
			const { calls, address } = storeOf(name);
			const outsideTheCut = calls.filter(
				({ startedAt, endedAt }) => endedAt < cutAt || startedAt > upAt + settledWithinMs,
			);
			expect(outsideTheCut.filter(({ reply }) => reply.warnings?.length !== 0)).toEqual([]);
			const recorded = await answeredTasks(address);
			expect(calls.filter(({ taskId, reply }) => reply.warnings?.length === 0 && !recorded.has(taskId))).toEqual([]);
		});

		test('a task that was refused during the cut runs afterwards', async () => {
			const { webhook, guarded } = storeOf(name);
			const taskId = guarded[0]?.taskId ?? '';
			const { reply } = await send(webhook, taskId, { once: true, timeoutMs });
			expect(reply).toMatchObject({
				output: expect.stringContaining(`Answer to ${taskId},`),
				replayed: false,
				warnings: [],
			});
		});
	});

	async function cutUnderLoad(entries: readonly (readonly [string, Store])[]): Promise<void> {
		const ended = new AbortController();
		const load = entries.flatMap(([name, { webhook, calls }]) =>
			senders.map(
				async (sender) =>
					await keepSending(webhook, `${name}-${sender}`, { once: false, timeoutMs }, calls, ended.signal),
			),
		);
		await until('every store has recorded some tasks', () => entries.every(([, { calls }]) => calls.length >= 20));

		const cutEnds = new AbortController();
		for (const [, { line }] of entries) line.become('cut');
		cutAt = Date.now();
		const guarded = entries.map(
			async ([name, { webhook, guarded: calls }]) =>
				await keepSending(webhook, `${name}-guarded`, { once: true, timeoutMs }, calls, cutEnds.signal),
		);
		await sleep(cutMs);
		for (const [, { line }] of entries) line.become('silent');
		// A call that has begun must have failed before the line is up again.
		await sleep(silentMs - settledWithinMs);
		cutEnds.abort();
		await sleep(settledWithinMs);
		for (const [, { line }] of entries) line.become('up');
		upAt = Date.now();

		const settledAt = upAt + settledWithinMs;
		await until('every store is used again', () =>
			entries.every(([, { calls }]) => calls.filter(({ startedAt }) => startedAt > settledAt).length >= 10),
		);
		ended.abort();
		await Promise.all([...load, ...guarded]);
	}

	function storeOf(name: string): Store {
		const store = stores[name];
		if (store === undefined) throw new Error(`Nothing ran on ${name}`);
		return store;
	}
});

async function keepSending(
	webhook: string,
	name: string,
	options: SendOptions,
	calls: TimedCall[],
	ended: AbortSignal,
): Promise<void> {
	for (let call = 0; !ended.aborted; call++) {
		const startedAt = Date.now();
		const sent = await send(webhook, `${name}-${call}`, options);
		calls.push({ ...sent, startedAt, endedAt: Date.now() });
		await sleep(pauseMs);
	}
}

/** One line for the log. */
function summaryOf(name: string, calls: readonly TimedCall[], guarded: readonly TimedCall[], upAt: number): string {
	const warned = calls.filter(({ reply }) => reply.warnings?.length !== 0);
	const lastWarned = Math.max(...warned.map(({ endedAt }) => endedAt));
	return `${name}: ${calls.length} answers, ${warned.length} with a warning, the last ${lastWarned - upAt} ms after the line was up; ${guarded.length} guarded calls refused\n`;
}
