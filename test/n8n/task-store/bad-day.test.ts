import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { removeOnExit } from '../install/remove-on-exit.ts';
import { N8nInstance } from '../server/n8n-instance.ts';
import { CountedModel } from './counted-model.ts';
import { N8nApi, untilRegistered } from './n8n-api.ts';
import { kill, startServer, startServerAgain, until } from './processes.ts';
import { send } from './sender.ts';
import { modelCredential, postgresCredential, redisCredential } from './store-credentials.ts';
import {
	startPostgres,
	startRedis,
	startTcpProxy,
	textInClaims,
	type TcpProxy,
	type TestServer,
} from './store-servers.ts';
import { webhookWorkflow } from './webhook-workflow.ts';

const deadlineSeconds = 5;

/** Longer than the right to run a task lasts: 30 s more than the deadline. */
const stoppedMs = 36_000;

type Store = 'embedded' | 'redis' | 'postgres';
const stores: readonly Store[] = ['embedded', 'redis', 'postgres'];

describe('n8n on a bad day', () => {
	let redis: TestServer;
	let postgres: TestServer;
	let lines: Readonly<Record<'redis' | 'postgres', TcpProxy>>;
	let model: CountedModel;
	let n8n: N8nInstance;
	let server: ChildProcess;
	let webhooks: Readonly<Record<Store, string>>;
	let userFolder: string;
	let removeUserFolder: () => Promise<void>;

	beforeAll(async () => {
		userFolder = await mkdtemp(join(tmpdir(), 'n8n-nodes-resilient-llm-'));
		removeUserFolder = removeOnExit(userFolder);
		[redis, postgres, model] = await Promise.all([startRedis(), startPostgres(), CountedModel.start(50)]);
		const [toRedis, toPostgres] = await Promise.all([startTcpProxy(redis.port), startTcpProxy(postgres.port)]);
		lines = { redis: toRedis, postgres: toPostgres };
		n8n = await N8nInstance.prepare({ userFolder });
		server = await startServer(n8n);
		const api = await N8nApi.logIn(n8n.url);
		const ofModel = await modelCredential(api, model.url);
		const publish = async (store: Store, ofStore: typeof ofModel) =>
			await api.publish(
				webhookWorkflow({ path: store, store, credentials: { ...ofModel, ...ofStore }, deadlineSeconds }),
				store,
			);
		webhooks = {
			embedded: await publish('embedded', {}),
			redis: await publish('redis', await redisCredential(api, toRedis.port)),
			postgres: await publish('postgres', await postgresCredential(api, toPostgres.port)),
		};
	});

	afterAll(async () => {
		await n8n?.stop();
		await Promise.all([lines?.redis.stop(), lines?.postgres.stop(), model?.stop()]);
		await Promise.all([redis?.stop(), postgres?.stop()]);
		await removeUserFolder?.();
	});

	const ask = async (store: Store, taskId: string, timeoutMs = 30_000) =>
		(await send(webhooks[store], taskId, { once: true, timeoutMs })).reply;
	const generationsOf = (taskId: string) => model.generations.filter((generation) => generation.taskId === taskId);

	describe.each(['redis', 'postgres'] as const)('a claim whose reply is lost by %s', (store) => {
		test('is repeated: the task runs once, without a warning', async () => {
			lines[store].loseReplies({ holding: textInClaims[store], times: 1, connection: 'breaks' });
			const taskId = `${store}-one-reply`;
			expect(await ask(store, taskId)).toMatchObject({
				output: expect.stringContaining(`Answer to ${taskId},`),
				warnings: [],
			});
			expect(generationsOf(taskId)).toHaveLength(1);
		});

		test('again and again fails the run before any call, and the next run gets in at once', async () => {
			lines[store].loseReplies({ holding: textInClaims[store], times: 3, connection: 'breaks' });
			const taskId = `${store}-every-reply`;
			const { error, details } = await ask(store, taskId);
			expect(`${error} ${details}`).toMatch(/^The task store could not be asked .* No model was called/);
			const startedAt = Date.now();
			expect(await ask(store, taskId)).toMatchObject({
				output: expect.stringContaining(`Answer to ${taskId},`),
				warnings: [],
			});
			expect(Date.now() - startedAt).toBeLessThan(deadlineSeconds * 1000);
			expect(generationsOf(taskId)).toHaveLength(1);
		});
	});

	test('what was under way when n8n was stopped for longer than its leases last is stored, and nobody is said to have taken over', async () => {
		model.hold();
		const replies = stores.map(async (store) => await ask(store, `${store}-stopped`, 120_000));
		await until('all tasks are under way', () => model.underWay().length === stores.length);
		if (server.pid === undefined) throw new Error('n8n never ran');
		process.kill(-server.pid, 'SIGSTOP');
		model.resume();
		await sleep(stoppedMs);
		process.kill(-server.pid, 'SIGCONT');

		for (const [index, reply] of (await Promise.all(replies)).entries()) {
			const store = stores[index] ?? 'embedded';
			expect(reply.warnings, store).toEqual([]);
			// Whether its time ran out or its answer was there first, the next run finds how it ended.
			const again = await ask(store, `${store}-stopped`);
			expect([again.output, again.reasonCode], store).toEqual([reply.output, reply.reasonCode]);
			expect(generationsOf(`${store}-stopped`), store).toHaveLength(1);
		}
	});

	test('the embedded file deleted while n8n runs: items and log say so, and what comes after it survives a restart', async () => {
		await ask('embedded', 'before');
		const folder = join(userFolder, '.n8n', 'n8n-nodes-resilient-llm');
		for (const ending of ['', '-wal', '-shm']) await rm(join(folder, `tasks.sqlite${ending}`));
		const loss = expect.stringContaining('was deleted or replaced while n8n ran. What it held is lost');
		expect(await ask('embedded', 'after')).toMatchObject({
			output: expect.stringContaining('Answer to after,'),
			warnings: [loss],
		});
		expect(await readFile(n8n.logFile, 'utf8')).toMatch(
			/resilient-llm task-store-notice notice="The task store .* was deleted or replaced/,
		);
		expect((await ask('embedded', 'later')).warnings).toEqual([]);

		await kill(server);
		server = await startServerAgain(n8n);
		await untilRegistered(webhooks.embedded);
		for (const taskId of ['after', 'later']) {
			expect(await ask('embedded', taskId)).toMatchObject({ replayed: true, warnings: [] });
			expect(generationsOf(taskId)).toHaveLength(1);
		}
	});
});
