import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { IExecuteFunctions, IDataObject, INode } from 'n8n-workflow';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { getReview } from '../../nodes/ResilientLlm/actions/review/get';
import { getAllReviews } from '../../nodes/ResilientLlm/actions/review/get-all';
import { resolveReview } from '../../nodes/ResilientLlm/actions/review/resolve';
import { openTaskStore } from '../../nodes/ResilientLlm/host/task-stores';
import type { TaskStore } from '../../nodes/ResilientLlm/engine/store/task-store';
import { encodeReviewPayload, type ReviewPayload } from '../../nodes/ResilientLlm/review/review-payload';
import { hashReviewToken } from '../../nodes/ResilientLlm/review/token';
import { strictContext } from '../actions/strict-context';
import { afterASleepOf } from '../host/slept';
import { sampleAttempts, samplePayload } from './sample-review';

const node: INode = {
	id: 'n',
	name: 'Resilient LLM',
	type: 'resilientLlm',
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
};
const folder = mkdtempSync(join(tmpdir(), 'resilient-llm-reviews-'));
let store: TaskStore;

beforeAll(async () => {
	process.env.N8N_USER_FOLDER = folder;
	const access = await openTaskStore('embedded', { getNode: () => node, getCredentials: async () => ({}) });
	if (access.kind === 'denied') throw new Error(access.why);
	store = access.tasks;
});

afterAll(async () => {
	await store.close();
	rmSync(folder, { recursive: true });
});

async function escalate(
	taskId: string,
	payload: Partial<ReviewPayload> = {},
	dueInMs: number | null = null,
): Promise<void> {
	const origin = {
		workflowId: 'w1',
		workflowName: 'Refund desk',
		nodeId: 'n1',
		nodeName: 'Resilient LLM',
		executionId: '17',
	};
	await store.note(
		{ key: `w1:n1:${taskId}`, taskId, fingerprint: 'f', origin },
		{
			kind: 'escalated',
			summary: {
				tier: 3,
				reasonCode: 'all_models_failed',
				provider: null,
				model: null,
				attempts: sampleAttempts,
				costUsd: 0.01,
				extraCostUsd: null,
				latencyMs: 5,
			},
			ledger: [],
			payload: encodeReviewPayload({ ...samplePayload, ...payload }),
			tokenHash: hashReviewToken(taskId),
			dueInMs,
			retentionMs: 3_600_000,
		},
	);
}

const log: string[] = [];

type Items = ReadonlyArray<Readonly<Record<string, unknown>>>;

/** Runs an operation once per set of parameters, each standing for one input item. */
function contextOf(items: Items, continueOnFail = false): IExecuteFunctions {
	return strictContext<IExecuteFunctions>({
		getInputData: (() => items.map(() => ({ json: {} }))) as IExecuteFunctions['getInputData'],
		getNodeParameter: ((name: string, index: number) =>
			({ taskStore: 'embedded', ...items[index] })[name] ?? null) as IExecuteFunctions['getNodeParameter'],
		getNode: () => node,
		getWorkflow: () => ({ id: 'w2', name: 'Decisions', active: true }),
		logger: { info: (line: string) => void log.push(line) } as unknown as IExecuteFunctions['logger'],
		continueOnFail: () => continueOnFail,
	});
}

async function run(operation: typeof getReview, items: Items, continueOnFail = false): Promise<readonly IDataObject[]> {
	const outputs = await operation(contextOf(items, continueOnFail));
	expect(outputs).toHaveLength(1);
	return outputs[0]!.map(({ json }) => json);
}

describe('review/get', () => {
	it('gives the review of each item, paired with it', async () => {
		await escalate('get-1');
		await escalate('get-2', { draft: null }, 3_600_000);
		const [output] = await getReview(contextOf([{ taskId: 'get-2' }, { taskId: 'get-1' }]));
		expect(output!.map(({ json, pairedItem }) => [json.taskId, pairedItem])).toEqual([
			['get-2', { item: 0 }],
			['get-1', { item: 1 }],
		]);
		expect(output![1]!.json).toMatchObject({
			status: 'pending_human_review',
			overdue: false,
			reasonCode: 'all_models_failed',
			reason: samplePayload.reason,
			prompt: samplePayload.prompt,
			draft: samplePayload.draft,
			context: samplePayload.context,
			attempts: sampleAttempts,
			dueAt: null,
			decision: null,
			respondedAt: null,
			decisionId: null,
			delivered: null,
			workflowName: 'Refund desk',
		});
	});

	it('says what to check when there is none', async () => {
		await expect(run(getReview, [{ taskId: 'nobody' }])).rejects.toMatchObject({
			message: 'There is no review of task "nobody" [item 0]',
			description: expect.stringContaining('same task store') as string,
		});
		await expect(run(getReview, [{ taskId: ' ' }])).rejects.toThrow('The task ID is empty');
		expect(await run(getReview, [{ taskId: 'nobody' }, { taskId: 'get-1' }], true)).toMatchObject([
			{ error: 'There is no review of task "nobody" [item 0]' },
			{ taskId: 'get-1' },
		]);
	});
});

describe('review/getAll', () => {
	const list = async (parameters: Readonly<Record<string, unknown>>) =>
		(await run(getAllReviews, [{ returnAll: true, status: 'any', ...parameters }])).map(({ taskId }) => taskId);

	it('lists by status, up to a limit, and all of them over many pages', async () => {
		for (let index = 0; index < 205; index += 1) await escalate(`many-${index}`, {}, index < 3 ? 1 : null);
		await new Promise((resolve) => setTimeout(resolve, 5));
		await run(resolveReview, [{ taskId: 'many-204', decision: 'reject' }]);

		expect(await list({ status: 'overdue' })).toEqual(['many-2', 'many-1', 'many-0']);
		expect(await list({ status: 'resolved' })).toEqual(['many-204']);
		expect(await list({ status: 'expired' })).toEqual([]);
		expect(await list({})).toHaveLength(207);
		expect(await list({ status: 'pending' })).toHaveLength(206);
		expect(await list({ status: 'pending', returnAll: false, limit: 150 })).toHaveLength(150);
		expect(await list({ status: 'pending', returnAll: false, limit: 2 })).toHaveLength(2);
	});

	it.each([[0], [-1], [1.5], ['many']])('refuses the limit %j', async (limit) => {
		await expect(list({ returnAll: false, limit })).rejects.toThrow('Limit must be a whole number from 1');
	});

	it('calls a review overdue by the clock on the wall, also after the machine has slept', async () => {
		await escalate('get-due', {}, 1);
		const isOverdue = async () => (await run(getReview, [{ taskId: 'get-due' }]))[0]?.overdue;
		await vi.waitUntil(isOverdue, { interval: 1 });
		const [overdue] = await afterASleepOf(8 * 3_600_000, async () => await run(getReview, [{ taskId: 'get-due' }]));
		const all = await afterASleepOf(
			8 * 3_600_000,
			async () => await run(getAllReviews, [{ status: 'overdue', returnAll: true }]),
		);
		expect([overdue?.overdue, all.some(({ taskId }) => taskId === 'get-due')]).toEqual([true, true]);
	});
});

describe('review/resolve', () => {
	it.each([
		['approve', undefined, samplePayload.draft],
		['edit', 'Corrected', 'Corrected'],
		['answer', 'My own', 'My own'],
		['reject', undefined, null],
	])('%s gives a Success item', async (decision, output, expected) => {
		await escalate(`resolve-${decision}`);
		const [item] = await run(resolveReview, [
			{ taskId: `resolve-${decision}`, decision, output, reviewer: ' Ada ', comment: 'ok' },
		]);
		expect(item).toMatchObject({
			output: expected,
			taskId: `resolve-${decision}`,
			tier: 3,
			provider: 'human',
			model: null,
			decision,
			reviewer: 'Ada',
			comment: 'ok',
			alreadyDecided: false,
			replayed: false,
			input: samplePayload.context,
		});
	});

	it('comes too late without an exception, and says what was decided', async () => {
		await escalate('late');
		await run(resolveReview, [{ taskId: 'late', decision: 'approve', reviewer: 'Ada' }]);
		const [item] = await run(resolveReview, [{ taskId: 'late', decision: 'reject', reviewer: 'Alan' }]);
		expect(item).toMatchObject({
			alreadyDecided: true,
			decision: 'approve',
			reviewer: 'Ada',
			output: samplePayload.draft,
			replayed: true,
		});
	});

	it('20 at once: one wins', async () => {
		await escalate('race');
		const items = await Promise.all(
			Array.from(
				{ length: 20 },
				async (_, index) =>
					(await run(resolveReview, [{ taskId: 'race', decision: 'answer', output: `Answer ${index}` }]))[0]!,
			),
		);
		expect(items.filter(({ alreadyDecided }) => alreadyDecided === false)).toHaveLength(1);
		expect(new Set(items.map(({ output }) => output)).size).toBe(1);
	});

	it('takes a value or text for JSON, and keeps the review open when it does not fit', async () => {
		const schema = { type: 'object', properties: { refund: { type: 'boolean' } }, required: ['refund'] };
		await escalate('json', { output: { kind: 'jsonSchema', schema }, draft: null });
		await expect(run(resolveReview, [{ taskId: 'json', decision: 'answer', output: '{"refund": 1}' }])).rejects.toThrow(
			'The decision does not fit the task: The value at /refund must be boolean',
		);
		await expect(run(resolveReview, [{ taskId: 'json', decision: 'approve' }])).rejects.toThrow('There is no draft');
		await expect(run(resolveReview, [{ taskId: 'json', decision: 'maybe' }])).rejects.toThrow(
			'Decision must be one of approve, edit, answer, reject',
		);
		const [item] = await run(resolveReview, [{ taskId: 'json', decision: 'answer', output: { refund: true } }]);
		expect(item).toMatchObject({ output: { refund: true }, alreadyDecided: false });
	});
});

describe('a decision on its way', () => {
	it('is told from one that has reached its workflow, and listed', async () => {
		await escalate('on-its-way');
		const decided = { decision: 'approve', output: 'Yes', reviewer: 'Ada', comment: '' } as const;
		await store.decide('w1:n1:on-its-way', decided, { to: 'w2:trigger', leaseMs: 1000, keepMs: 0 });
		const decisionId = hashReviewToken('on-its-way');
		expect(await run(getReview, [{ taskId: 'on-its-way' }])).toMatchObject([
			{ decision: 'approve', decisionId, delivered: false },
		]);
		const undelivered = { status: 'undelivered', returnAll: true };
		expect(await run(getAllReviews, [undelivered])).toMatchObject([
			{ taskId: 'on-its-way', status: 'resolved', output: 'Yes', decisionId, delivered: false },
		]);

		await store.endDelivery(decisionId);
		expect(await run(getReview, [{ taskId: 'on-its-way' }])).toMatchObject([{ decisionId, delivered: true }]);
		expect(await run(getAllReviews, [undelivered])).toEqual([]);
	});
});
