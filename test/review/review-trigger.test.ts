import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { describe, expect, it, vi } from 'vitest';

import { ResilientLlmReviewTrigger } from '../../nodes/ResilientLlm/ResilientLlmReviewTrigger.node';
import { sampleAttempts, samplePayload } from './sample-review';
import { triggerFixture } from './trigger-fixture';

const fixture = triggerFixture();
const { escalate, visit } = fixture;

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
		expect(first.items).toMatchObject([
			{
				json: {
					output: samplePayload.draft,
					taskId: 'decide',
					tier: 3,
					provider: 'human',
					decision: 'approve',
					reviewer: 'Grace Hopper',
					attempts: sampleAttempts,
				},
			},
		]);
		expect(JSON.stringify(first.items)).not.toContain(token);
		const second = await visit({ form: { ...form, reviewer: 'Alan Turing' } });
		expect(second).toMatchObject({ status: 409, items: undefined });
		const { decisionId } = first.items?.[0]?.json as IDataObject;
		expect(fixture.log()).toEqual([
			`resilient-llm review-decided decision=approve taskId=decide decisionId=${String(decisionId)} workflowId=w2 node=Review`,
		]);
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
		expect(fixture.log().join()).toContain('The task store has no credential');
		expect(fixture.log().join()).not.toContain('token');
	});
});

describe('outputs', () => {
	const items: INodeExecutionData[] = [{ json: { decision: 'approve' } }, { json: { overdue: true } }];
	const sort = async (remindOverdue: boolean) =>
		(await fixture.execute(items, { parameters: { remindOverdue } })).outputs;

	it('reminders leave on their own', async () => {
		expect(await sort(true)).toEqual([[items[0]], [items[1]]]);
		expect(await sort(false)).toEqual([[items[0]]]);
	});
});

describe('reminders', () => {
	it('come once for each overdue review of this page, also after a restart, and only when they are switched on', async () => {
		await escalate('ours', { dueInMs: 1, reviewPageUrl: 'https://n8n.example.com/webhook/review' });
		await escalate('theirs', { dueInMs: 1, reviewPageUrl: 'https://n8n.example.com/webhook/other' });
		await escalate('pageless', { dueInMs: 1 });
		await escalate('later', { dueInMs: 3_600_000 });
		const started: string[][] = [];
		const emit = ([reviews]: INodeExecutionData[][]) =>
			void started.push((reviews ?? []).map(({ json }) => String(json.taskId)).sort());
		const contextWith = (remindOverdue: boolean) => fixture.triggerContext({ remindOverdue, path: '/review/' }, emit);
		const reminding = contextWith(true);
		vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
		try {
			for (const [context, timers] of [
				[contextWith(false), 1],
				[reminding, 2],
				[reminding, 2],
			] as const) {
				const { closeFunction } = await new ResilientLlmReviewTrigger().trigger.call(context);
				for (const ms of [5_000, 60_000]) {
					await vi.advanceTimersByTimeAsync(ms);
					await vi.waitFor(() => expect(vi.getTimerCount()).toBe(timers), { interval: 1 });
				}
				await closeFunction?.();
				expect(vi.getTimerCount()).toBe(0);
			}
		} finally {
			vi.useRealTimers();
		}
		expect(started).toEqual([['ours', 'pageless']]);
		expect(fixture.log()).toEqual([]);
	});
});
