import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { IDataObject, IExecuteFunctions, INode, INodeExecutionData, ITriggerFunctions, IWebhookFunctions, Logger } from 'n8n-workflow';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import type { TaskStore } from '../../nodes/ResilientLlm/engine/task-store';
import { openTaskStore } from '../../nodes/ResilientLlm/host/task-stores';
import { ResilientLlmReviewTrigger } from '../../nodes/ResilientLlm/ResilientLlmReviewTrigger.node';
import { encodeReviewPayload } from '../../nodes/ResilientLlm/review/review-payload';
import { createReviewToken, hashReviewToken } from '../../nodes/ResilientLlm/review/token';
import { strictContext } from '../nodes/strict-context';
import { sampleAttempts, samplePayload } from './sample-review';

const folder = mkdtempSync(join(tmpdir(), 'resilient-llm-trigger-'));
const node: INode = { id: 'n', name: 'Review', type: 'resilientLlmReviewTrigger', typeVersion: 1, position: [0, 0], parameters: {}, webhookId: 'hook' };
const trigger = new ResilientLlmReviewTrigger();
let store: TaskStore;
let log: string[];

beforeAll(async () => {
	process.env.N8N_USER_FOLDER = folder;
	const access = await openTaskStore('embedded', { getNode: () => node, getCredentials: async () => ({}) });
	if (access.kind === 'denied') throw new Error(access.why);
	store = access.tasks;
});

beforeEach(() => {
	log = [];
});

afterAll(async () => {
	await store.close();
	rmSync(folder, { recursive: true });
});

const logger = { info: (line: string) => log.push(line), warn: (line: string) => log.push(line), error: (line: string) => log.push(line), debug: () => undefined } as unknown as Logger;

async function escalate(taskId: string, { dueInMs = null as number | null, reviewPageUrl = undefined as string | undefined } = {}): Promise<string> {
	const token = createReviewToken();
	await store.note(
		{ key: taskId, taskId, fingerprint: 'f', origin: { workflowId: 'w', workflowName: 'Refund desk', nodeId: 'n', nodeName: 'LLM', executionId: '1' } },
		{
			kind: 'escalated',
			summary: { tier: 3, reasonCode: 'all_models_failed', provider: null, model: null, attempts: sampleAttempts, costUsd: null, extraCostUsd: null, latencyMs: 1 },
			ledger: [],
			payload: encodeReviewPayload({ ...samplePayload, ...(reviewPageUrl !== undefined && { reviewPageUrl }) }),
			tokenHash: hashReviewToken(token),
			dueInMs,
			retentionMs: 3_600_000,
		},
	);
	return token;
}

interface Reply {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
	readonly items: readonly INodeExecutionData[] | undefined;
}

async function visit(request: { readonly token: string } | { readonly form: IDataObject }, parameters: IDataObject = {}): Promise<Reply> {
	let reply: Omit<Reply, 'items'> | undefined;
	const response = {
		writeHead: (status: number, headers: Reply['headers']) => void (reply = { status, headers, body: '' }),
		end: (body: string) => void (reply = { ...reply!, body }),
	};
	const known: IDataObject = { taskStore: 'embedded', includeAttempts: true, ...parameters };
	const context = strictContext<IWebhookFunctions>({
		getWebhookName: () => ('form' in request ? 'default' : 'setup'),
		getQueryData: () => ('token' in request ? { token: request.token } : {}),
		getBodyData: () => ('form' in request ? request.form : {}),
		getResponseObject: (() => response) as never,
		getNodeParameter: ((name: string, fallback?: unknown) => known[name] ?? fallback) as never,
		getTimezone: () => 'Europe/Berlin',
		getNode: () => node,
		getWorkflow: () => ({ id: 'w2', name: 'Decisions', active: true }),
		logger,
	});
	const { noWebhookResponse, workflowData } = await trigger.webhook.call(context);
	expect(noWebhookResponse).toBe(true);
	return { ...reply!, items: workflowData?.[0] };
}

describe('the page', () => {
	it('is served past n8n, with its own headers, and starts nothing', async () => {
		const { status, headers, body, items } = await visit({ token: await escalate('open') });
		expect(status).toBe(200);
		expect(headers['Content-Security-Policy']).toContain("default-src 'none'");
		expect(body).toContain('A draft needs your decision');
		expect(items).toBeUndefined();
	});

	it('starts the workflow with the first decision only, and logs it without content', async () => {
		const token = await escalate('decide');
		const form = { token, decision: 'approve', reviewer: 'Grace Hopper', comment: 'Fine' };
		const first = await visit({ form });
		expect(first.items).toMatchObject([{ json: { output: samplePayload.draft, taskId: 'decide', tier: 3, provider: 'human', decision: 'approve', reviewer: 'Grace Hopper', attempts: sampleAttempts } }]);
		expect(JSON.stringify(first.items)).not.toContain(token);
		const second = await visit({ form: { ...form, reviewer: 'Alan Turing' } });
		expect(second).toMatchObject({ status: 409, items: undefined });
		expect(log).toEqual(['resilient-llm review-decided decision=approve taskId="decide" workflowId=w2']);
	});

	it('leaves the attempts out where nobody wants them', async () => {
		const token = await escalate('slim');
		const { items } = await visit({ form: { token, decision: 'reject', reviewer: 'Ada' } }, { includeAttempts: false });
		expect(items?.[0]?.json).toMatchObject({ output: null, decision: 'reject' });
		expect(items?.[0]?.json).not.toHaveProperty('attempts');
	});

	it('says in the log what is wrong with the store, and to the reader only that something is', async () => {
		const { status, body } = await visit({ token: await escalate('broken') }, { taskStore: 'redis' });
		expect(status).toBe(503);
		expect(body).not.toContain('credential');
		expect(log.join()).toContain('The task store has no credential');
		expect(log.join()).not.toContain('token');
	});
});

describe('outputs', () => {
	const items: INodeExecutionData[] = [{ json: { decision: 'approve' } }, { json: { overdue: true } }];
	const sort = async (remindOverdue: boolean) =>
		await trigger.execute.call(strictContext<IExecuteFunctions>({ getInputData: (() => items) as never, getNodeParameter: (() => remindOverdue) as never }));

	it('reminders leave on their own', async () => {
		expect(await sort(true)).toEqual([[items[0]], [items[1]]]);
		expect(await sort(false)).toEqual([[items[0]]]);
	});
});

describe('reminders', () => {
	it('are off until they are switched on', async () => {
		expect(await trigger.trigger.call(strictContext<ITriggerFunctions>({ getNodeParameter: (() => false) as never }))).toEqual({});
	});

	it('come once for each overdue review of this page, also after a restart', async () => {
		await escalate('ours', { dueInMs: 1, reviewPageUrl: 'https://n8n.example.com/webhook/review' });
		await escalate('theirs', { dueInMs: 1, reviewPageUrl: 'https://n8n.example.com/webhook/other' });
		await escalate('pageless', { dueInMs: 1 });
		await escalate('later', { dueInMs: 3_600_000 });
		const memory: IDataObject = {};
		const started: string[][] = [];
		const known: IDataObject = { taskStore: 'embedded', remindOverdue: true, path: '/review/' };
		const context = strictContext<ITriggerFunctions>({
			getNodeParameter: ((name: string, fallback?: unknown) => known[name] ?? fallback) as never,
			getWorkflowStaticData: () => memory,
			getNode: () => node,
			emit: ([reviews]) => void started.push((reviews ?? []).map(({ json }) => String(json.taskId)).sort()),
			logger,
		});
		vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
		try {
			for (let restarts = 0; restarts < 2; restarts += 1) {
				const { closeFunction } = await trigger.trigger.call(context);
				await vi.advanceTimersByTimeAsync(5_000);
				await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1), { interval: 1 });
				await vi.advanceTimersByTimeAsync(60_000);
				await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1), { interval: 1 });
				await closeFunction?.();
				expect(vi.getTimerCount()).toBe(0);
			}
		} finally {
			vi.useRealTimers();
		}
		expect(started).toEqual([['ours', 'pageless']]);
		expect(log).toEqual([]);
	});
});
