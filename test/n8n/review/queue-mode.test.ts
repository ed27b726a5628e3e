import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { removeOnExit } from '../install/remove-on-exit.ts';
import { N8nInstance } from '../server/n8n-instance.ts';
import { queueMode } from '../server/queue-mode.ts';
import { SimulatedProviders } from '../simulated-providers/simulated-providers.ts';
import { machine, startWorker } from '../task-store/processes.ts';
import { postgresData, redisData } from '../task-store/store-credentials.ts';
import { startPostgres, startRedis, type TestServer } from '../task-store/store-servers.ts';
import { importWorkflows, modelAccounts, type Workflow } from './imported-workflows.ts';
import { N8nRest, type Json } from './n8n-rest.ts';
import { nodes, reviewedWorkflow } from './reviewed-workflow.ts';

const stores = ['redis', 'postgres'] as const;
type Store = (typeof stores)[number];

const idOf = (store: Store) => `rlQueue${store}`;
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 60_000, interval: 300 });

describe('a task and its human in queue mode', () => {
	let redis: TestServer;
	let postgres: TestServer;
	let providers: SimulatedProviders;
	let n8n: N8nInstance;
	let rest: N8nRest;
	let removeUserFolder: () => Promise<void>;

	beforeAll(async () => {
		const userFolder = await mkdtemp(join(tmpdir(), 'n8n-nodes-resilient-llm-'));
		removeUserFolder = removeOnExit(userFolder);
		[redis, postgres, providers] = await Promise.all([startRedis(), startPostgres(), SimulatedProviders.start()]);
		n8n = await N8nInstance.prepare({ userFolder, environment: queueMode(redis.port, postgres.port) });
		const accounts = {
			...modelAccounts(providers),
			resilientLlmRedisApi: redisData(redis.port),
			resilientLlmPostgresApi: postgresData(postgres.port),
		};
		await importWorkflows(n8n, stores.map(workflowOn), accounts);
		await n8n.start();
		await startWorker(n8n, await machine(userFolder, 'worker'));
		rest = await N8nRest.logIn(n8n);
		for (const store of stores) await rest.activate(idOf(store), `${store}-review`);
	});

	afterAll(async () => {
		await n8n?.stop();
		await Promise.all([redis?.stop(), postgres?.stop(), providers?.stop()]);
		await removeUserFolder?.();
	});

	test.each(stores)(
		'%s: the worker escalates, the server shows the page and takes the decision, and it goes on',
		async (store) => {
			for (const vendor of ['anthropic', 'openai', 'gemini'] as const) providers.setFate(vendor, 'unavailable');
			const [escalated] = await ask(store);
			expect(escalated).toMatchObject({ status: 'pending_human_review', taskId: 'refund-1' });

			const link = new URL(String(escalated?.['reviewUrl']));
			const page = await fetch(link);
			expect(page.status).toBe(200);
			expect(await page.text()).toContain('Order 48213');

			const answer = {
				token: link.searchParams.get('token') ?? '',
				decision: 'answer',
				answer: 'Refund it.',
				reviewer: 'Ada',
				comment: '',
			};
			expect((await decide(link, answer)).status).toBe(200);
			expect((await decide(link, { ...answer, decision: 'reject', reviewer: 'Bob' })).status).toBe(409);
			await eventually(async () => (await decisionsOn(store)).length).toBe(1);
			expect(await decisionsOn(store)).toMatchObject([
				{ taskId: 'refund-1', output: 'Refund it.', tier: 3, provider: 'human', reviewer: 'Ada' },
			]);

			const calls = providers.journal.length;
			expect(await ask(store)).toMatchObject([{ output: 'Refund it.', provider: 'human', replayed: true }]);
			expect(providers.journal).toHaveLength(calls);
		},
	);

	async function ask(store: Store): Promise<readonly Json[]> {
		const response = await fetch(`${n8n.url}/webhook/${store}-ask`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ taskId: 'refund-1', question: 'Order 48213: charged twice.', confidence: 'any' }),
		});
		expect(response.status).toBe(200);
		return (await response.json()) as Json[];
	}

	async function decide(link: URL, fields: Readonly<Record<string, string>>): Promise<Response> {
		return await fetch(`${link.origin}${link.pathname}`, { method: 'POST', body: new URLSearchParams(fields) });
	}

	async function decisionsOn(store: Store): Promise<readonly Json[]> {
		const executions = await rest.executionsWith(idOf(store), nodes.decision);
		return executions.flatMap((execution) => execution.items(nodes.use));
	}
});

/** The workflow of the other tests, on this store and on paths of its own, with the mail left out. */
function workflowOn(store: Store): Workflow {
	const named = JSON.stringify(reviewedWorkflow)
		.replaceAll('resilient-llm-reviewed', `${store}-review`)
		.replaceAll('resilient-llm-ask', `${store}-ask`)
		.replaceAll('-8000-00000000b1f', `-8000-0000${store === 'redis' ? '0001' : '0002'}b1f`);
	const workflow = JSON.parse(named) as Workflow;
	return {
		...workflow,
		id: idOf(store),
		nodes: workflow.nodes.map((node) => {
			if (node.name === nodes.mail) return { ...node, type: 'n8n-nodes-base.noOp', typeVersion: 1, parameters: {} };
			return node.type.startsWith('n8n-nodes-resilient-llm')
				? { ...node, parameters: { ...(node['parameters'] as object), taskStore: store } }
				: node;
		}),
	};
}
