import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { IDataObject } from 'n8n-workflow';
import type { TaskStore } from '../../nodes/ResilientLlm/engine/store/task-store';
import { embeddedStorePlaces, n8nFolder } from '../../nodes/ResilientLlm/host/n8n-folder';
import { hashReviewToken } from '../../nodes/ResilientLlm/review/token';
import { credentialsFor, nodeName, resilientWorkflow, step } from '../workflows/resilient-workflow';
import { runWorkflow } from '../workflows/run-workflow';
import { startSimulatedVendors, type SimulatedVendors } from '../workflows/simulated-vendors';
import { facts, restoreEmbedded, restorePostgres, restoreRedis } from './fixtures/0.1.0/restore';
import { linesOf } from './ledger-lines';
import { openStore, type StoreAddress } from './processes/store-address';
import { realStoreKinds, startRealStores, type RealStores } from './real-stores';
import { decision } from './samples';
import { postgresSuperuser } from './servers';

let stores: RealStores;

beforeAll(async () => {
	stores = await startRealStores();
});

afterAll(async () => {
	await stores.stop();
});

/** Where nodes look for the file that version 0.1.0 made. */
const oldFile = join(String(process.env.N8N_USER_FOLDER), '.n8n', 'storage', 'n8n-nodes-resilient-llm', 'tasks.sqlite');

async function restored(address: StoreAddress): Promise<StoreAddress> {
	switch (address.kind) {
		case 'embedded':
			restoreEmbedded(address.file);
			break;
		case 'redis':
			await restoreRedis(address.port, String(address.keyPrefix));
			break;
		case 'postgres':
			await restorePostgres({ ...postgresSuperuser, host: address.host, port: address.port }, String(address.schema));
			break;
	}
	return address;
}

describe.each(realStoreKinds)('what version 0.1.0 left in the store %s', (kind) => {
	let store: TaskStore;

	beforeEach(async () => {
		store = openStore(await restored(stores.fresh(kind)));
	});

	afterEach(async () => {
		await store.close();
	});

	const reviewOf = async (taskId: string) => await store.findReview({ taskId });

	it('is listed, each record in its state', async () => {
		const { records } = await store.list({ states: [], limit: 100 });
		const states = Object.fromEntries(records.map(({ identity, state }) => [identity.taskId, state]));
		expect(states).toEqual({
			answered: 'answered',
			'answered-json': 'answered',
			'answered-numbers': 'answered',
			pending: 'pending_human_review',
			'pending-noted': 'pending_human_review',
			'resolved-approve': 'resolved',
			'resolved-edit': 'resolved',
			'resolved-answer': 'resolved',
			'resolved-reject': 'resolved',
			interrupted: 'processing',
		});
	});

	it('opens with every link that was given out', async () => {
		for (const [taskId, links] of Object.entries(facts.links)) {
			for (const token of links[kind])
				expect(await store.findReview({ tokenHash: hashReviewToken(token) }), taskId).toMatchObject({
					identity: { taskId },
				});
		}
		expect(facts.links['pending']?.[kind]).toHaveLength(2);
	});

	it('can still be decided, once', async () => {
		for (const taskId of ['pending', 'pending-noted']) {
			const key = (await reviewOf(taskId))?.identity.key ?? '';
			expect(await store.decide(key, decision({ output: 'Decided later' }), null)).toMatchObject({
				kind: 'decided',
				record: { state: 'resolved', decision: { output: 'Decided later' } },
			});
			expect(await store.decide(key, decision({ output: 'Too late' }), null)).toMatchObject({
				kind: 'already_decided',
				record: { decision: { output: 'Decided later' } },
			});
		}
	});

	it('keeps what humans decided', async () => {
		for (const made of ['approve', 'edit', 'answer', 'reject']) {
			const review = await reviewOf(`resolved-${made}`);
			expect(review).toMatchObject({
				state: 'resolved',
				decision: {
					decision: made,
					output: facts.tasks[`resolved-${made}`]?.output,
					reviewer: 'Ada Lovelace',
					comment: 'Decided in 0.1.0',
				},
			});
		}
	});

	it('counts its decisions as delivered', async () => {
		const { records } = await store.list({ states: ['resolved'], limit: 100 });
		expect(records).toHaveLength(4);
		for (const record of records)
			expect(record).toMatchObject({
				decision: { delivered: true, decisionId: expect.stringMatching(/^[0-9a-f]{64}$/) },
			});
		expect((await store.list({ states: ['resolved'], undelivered: true, limit: 100 })).records).toEqual([]);
	});

	it('still counts: every call and every task is in the ledger', async () => {
		// All but the interrupted task ended; the one that nobody answered called two models, all others one.
		expect([await linesOf(store, 'task'), await linesOf(store, 'attempt')]).toEqual([9, 10]);
	});

	it('is pruned of nothing that is still of use', async () => {
		expect(await store.prune()).toBe(0);
		expect((await store.list({ states: [], limit: 100 })).records).toHaveLength(10);
	});
});

describe.each(realStoreKinds)('a workflow of version 0.1.0 that goes on with the store %s', (kind) => {
	let vendors: SimulatedVendors;
	let credentials: Record<string, IDataObject>;

	beforeAll(async () => {
		vendors = await startSimulatedVendors();
		const name = randomUUID();
		const address = stores.fresh(kind);
		const { port, ...server } = { host: '127.0.0.1', password: '', ssl: false, port: 0, ...address };
		if (kind === 'embedded') restoreEmbedded(oldFile);
		if (kind === 'redis') await restoreRedis(port, name);
		if (kind === 'postgres') await restorePostgres({ ...postgresSuperuser, host: '127.0.0.1', port }, name);
		credentials = {
			...credentialsFor(vendors.baseUrl),
			resilientLlmRedisApi: { ...server, port, username: '', database: 0, prefix: name },
			resilientLlmPostgresApi: { ...server, port, ...postgresSuperuser, schema: name },
		} as never;
	});

	afterAll(async () => {
		await vendors.close();
	});

	async function run(parameters: IDataObject, item: IDataObject = {}) {
		const settings = {
			credentials: Object.fromEntries(Object.keys(credentials).map((type) => [type, { id: type, name: type }])),
		};
		const { outputs, run: ended } = await runWorkflow(resilientWorkflow({ taskStore: kind, ...parameters }, settings), {
			items: [{ json: item }],
			credentials: credentials as never,
		});
		const [success = [], escalate = []] = outputs(nodeName);
		expect(ended.data.resultData.error).toBeUndefined();
		return { success: success[0]?.json, escalate: escalate[0]?.json };
	}

	async function runAgain(taskId: string) {
		const known = facts.tasks[taskId];
		const options = { reviewPageUrl: 'https://n8n.example.com/webhook/review' };
		return await run(
			{
				prompt: '={{ $json.text }}',
				taskId: '={{ $json.id }}',
				providerOrder: { step: [step('anthropic', 'claude-haiku-5-5')] },
				options,
				...known?.parameters,
			},
			known?.item as IDataObject,
		);
	}

	it.each(['answered', 'answered-json'])('replays what was %s, without a call', async (taskId) => {
		const { success } = await runAgain(taskId);
		expect(success).toMatchObject({
			taskId,
			output: facts.tasks[taskId]?.output,
			replayed: true,
			tier: 1,
			provider: 'anthropic',
			costUsd: 0,
		});
		expect(vendors.calls).toEqual([]);
	});

	it.each(['approve', 'edit', 'answer', 'reject'])(
		'replays what a human decided (%s), without a call',
		async (made) => {
			const { success } = await runAgain(`resolved-${made}`);
			expect(success).toMatchObject({
				output: facts.tasks[`resolved-${made}`]?.output,
				replayed: true,
				decision: made,
				reviewer: 'Ada Lovelace',
			});
			expect(vendors.calls).toEqual([]);
		},
	);

	it('escalates a pending review again, with a link that opens it, and takes the decision', async () => {
		const { escalate } = await runAgain('pending');
		expect(escalate).toMatchObject({
			taskId: 'pending',
			reasonCode: 'human_review_required',
			draft: facts.tasks['pending']?.draft,
			reviewUrl: expect.stringContaining('token='),
		});
		const resolve = {
			resource: 'review',
			operation: 'resolve',
			taskId: 'pending',
			decision: 'approve',
			reviewer: 'Grace Hopper',
			comment: '',
		};
		expect((await run(resolve)).success).toMatchObject({
			output: facts.tasks['pending']?.draft,
			alreadyDecided: false,
		});
		expect((await runAgain('pending')).success).toMatchObject({
			output: facts.tasks['pending']?.draft,
			reviewer: 'Grace Hopper',
			replayed: true,
		});
		expect(vendors.calls).toEqual([]);
	});

	if (kind === 'embedded') {
		it('uses the file at its new place', async () => {
			await runAgain('answered');
			const { file, formerFile } = embeddedStorePlaces(n8nFolder());
			expect([formerFile, existsSync(formerFile), existsSync(file)]).toEqual([oldFile, false, true]);
		});
	}

	it('runs a task anew whose run was interrupted', async () => {
		const { success } = await runAgain('interrupted');
		expect(success).toMatchObject({ taskId: 'interrupted', output: 'fine', replayed: false });
		expect(vendors.calls).toHaveLength(1);
	});
});
