import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { removeOnExit } from '../install/remove-on-exit.ts';
import { N8nInstance } from '../server/n8n-instance.ts';
import { queueMode } from '../server/queue-mode.ts';
import { RecordingProxy } from '../server/recording-proxy.ts';
import { CountedModel } from './counted-model.ts';
import { deadlineSeconds, runInterrupted, summaryOf, type InterruptedRun } from './interrupted-run.ts';
import { N8nApi } from './n8n-api.ts';
import { testOnceEach } from './once-each.ts';
import { kill, machine, startWorker } from './processes.ts';
import { send } from './sender.ts';
import { modelCredential, postgresCredential, redisCredential } from './store-credentials.ts';
import { startPostgres, startRedis, type TestServer } from './store-servers.ts';
import { webhookWorkflow, type WebhookWorkflowOptions } from './webhook-workflow.ts';

describe('n8n in queue mode with two workers, one of which is killed and started again', () => {
	let redis: TestServer;
	let postgres: TestServer;
	let model: CountedModel;
	let victimsProxy: RecordingProxy;
	let n8n: N8nInstance;
	let api: N8nApi;
	let embeddedWebhook: string;
	let runs: ReadonlyMap<string, InterruptedRun>;
	let removeUserFolder: () => Promise<void>;

	beforeAll(async () => {
		const userFolder = await mkdtemp(join(tmpdir(), 'n8n-nodes-resilient-llm-'));
		removeUserFolder = removeOnExit(userFolder);
		[redis, postgres, model, victimsProxy] = await Promise.all([
			startRedis(),
			startPostgres(),
			CountedModel.start(400),
			RecordingProxy.start(),
		]);
		n8n = await N8nInstance.prepare({ userFolder, environment: queueMode(redis.port, postgres.port) });
		await n8n.start();
		const [survivors, victims] = await Promise.all([machine(userFolder, 'survivor'), machine(userFolder, 'victim')]);
		// The proxy tells which calls come from the worker that will be killed.
		const [, victim] = await Promise.all([
			startWorker(n8n, survivors),
			startWorker(n8n, { ...victims, HTTP_PROXY: victimsProxy.url }),
		]);
		api = await N8nApi.logIn(n8n.url);
		const ofModel = await modelCredential(api, model.url);
		embeddedWebhook = await publish('embedded', ofModel);
		const webhooks = {
			redis: await publish('redis', { ...ofModel, ...(await redisCredential(api, redis.port)) }),
			postgres: await publish('postgres', { ...ofModel, ...(await postgresCredential(api, postgres.port)) }),
		};
		runs = await runInterrupted(webhooks, 10, model, {
			isVictims: ({ remotePort }) => victimsProxy.onwardPorts.has(remotePort),
			kill: async () => await kill(victim),
			startAnew: async () => void (await startWorker(n8n, victims)),
		});
		for (const [store, run] of runs) process.stderr.write(summaryOf(store, run, model));
	});

	afterAll(async () => {
		await n8n?.stop();
		await Promise.all([redis?.stop(), postgres?.stop(), model?.stop(), victimsProxy?.stop()]);
		await removeUserFolder?.();
	});

	describe.each(['redis', 'postgres'])('with the task store %s', (store) => {
		testOnceEach(() => {
			const run = runs.get(store);
			if (run === undefined) throw new Error(`Nothing ran on ${store}`);
			return { run, model };
		});
	});

	test('the killed worker had work under way', () => {
		expect([...runs.values()].flatMap(({ underWay }) => underWay)).not.toEqual([]);
	});

	test('a run with the embedded store is told that it holds for one machine only', async () => {
		const { reply } = await send(embeddedWebhook, 'hint', { once: true, timeoutMs: 15_000 });
		expect(reply.output).toMatch(/^Answer to hint,/);
		const { status, data } = await api.endedExecution(reply.executionId);
		expect(status).toBe('success');
		expect(data).toContain('the embedded task store holds for one machine only');
	});

	async function publish(
		store: WebhookWorkflowOptions['store'],
		credentials: WebhookWorkflowOptions['credentials'],
	): Promise<string> {
		return await api.publish(webhookWorkflow({ path: store, store, credentials, deadlineSeconds }), store);
	}
});
