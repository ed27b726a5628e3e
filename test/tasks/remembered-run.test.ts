import { describe, expect, it, vi } from 'vitest';

import { escalateItem } from '../../nodes/ResilientLlm/actions/generate/escalate-item';
import { runRemembered } from '../../nodes/ResilientLlm/tasks/remembered-run';
import type { RememberedEnd } from '../../nodes/ResilientLlm/tasks/task-end';
import type { RememberedTask } from '../../nodes/ResilientLlm/tasks/remembered-task';
import type { Outcome } from '../../nodes/ResilientLlm/engine/outcome';
import { createOwedWrites } from '../../nodes/ResilientLlm/engine/store/owed-writes';
import { TaskStoreError, type TaskStore } from '../../nodes/ResilientLlm/engine/store/task-store';
import { systemClock } from '../../nodes/ResilientLlm/host/clock';
import { humanAnswer } from '../../nodes/ResilientLlm/review/human-answer';
import { createStoreNotices } from '../../nodes/ResilientLlm/host/store-notices';
import { decodeReviewPayload } from '../../nodes/ResilientLlm/review/review-payload';
import { hashReviewToken } from '../../nodes/ResilientLlm/review/token';
import { createMemoryTaskStore } from '../../nodes/ResilientLlm/stores/memory/memory';
import { answered, attempt, escalated } from '../engine/once/once-world';
import { afterASleepOf } from '../host/slept';
import { linesOf } from '../stores/ledger-lines';
import { decision, hour, identityOf } from '../stores/samples';
import { conversationOf } from '../../nodes/ResilientLlm/engine/conversation';

const cancelled: Outcome = { kind: 'cancelled', attempts: [attempt, attempt], warnings: [] };
const circular: Record<string, unknown> = { ticket: 7 };
circular.self = circular;

function world(over: Partial<TaskStore> = {}) {
	const store = createMemoryTaskStore({ clock: { now: () => Date.now() } });
	const owed = createOwedWrites(systemClock);
	const run = async (
		outcome: Outcome,
		{ once = true, context = {} as unknown, deadlineMs = 10_000, whenAllFail = 'review' as 'review' | 'error' } = {},
	) => {
		const memory = { kind: 'store', store: 'embedded', once } as const;
		const reviewPageUrl = 'https://n8n.test/review';
		const task: RememberedTask = {
			identity: identityOf('k'),
			parameters: { id: '', memory, resultTtlMs: hour, reviewDueMs: hour, reviewPageUrl },
			content: conversationOf({ prompt: 'Hi', systemMessage: '', attachments: [], output: { kind: 'text' } }),
			steps: [],
			context,
			includeInput: true,
			whenAllFail,
			startedAt: systemClock.now(),
			deadline: systemClock.now() + deadlineMs,
			cancel: outcome.kind === 'cancelled' ? AbortSignal.abort() : new AbortController().signal,
			firstStepPrice: () => null,
			clock: systemClock,
			run: async () => outcome,
		};
		const tasks = new Proxy(store, { get: (all, name: keyof TaskStore) => over[name] ?? all[name] });
		return await runRemembered(task, { tasks, owed, notices: createStoreNotices() });
	};
	return { store, run };
}

/** The item as it leaves the node. */
function itemOf({ end, warnings }: RememberedEnd) {
	if (end.kind !== 'escalated') throw new Error(end.kind);
	const content = { prompt: 'Hi', systemMessage: '' };
	const origin = identityOf('k').origin;
	const input = { json: {} };
	const task = { taskId: 't', itemIndex: 0, input, includeInput: true, content, origin, latencyMs: 1, warnings };
	return escalateItem(task, end.escalation).json as {
		reviewUrl: string | null;
		dueAt: string | null;
		warnings: string[];
	};
}

const tokenIn = (url: string | null) => hashReviewToken(new URL(url ?? '').searchParams.get('token') ?? '');

it('a turn that fails without asking a human leaves its numbers, no review and no link', async () => {
	const { store, run } = world();
	const { end, warnings } = await run(escalated, { once: false, whenAllFail: 'error' });
	expect(end).toMatchObject({ kind: 'escalated', escalation: { isStored: false, reviewUrl: null, dueAt: null } });
	expect(warnings).toEqual([]);
	expect((await store.list({ states: [], limit: 10 })).records).toEqual([]);
	expect(await linesOf(store, 'task')).toBe(1);
});

describe.each([true, false])('an escalation (Process Each Task Only Once: %s)', (once) => {
	it('has a link that opens its review, and a due time', async () => {
		const { store, run } = world();
		const { reviewUrl, dueAt, warnings } = itemOf(await run(escalated, { once }));
		expect(await store.findReview({ tokenHash: tokenIn(reviewUrl) })).toMatchObject({ state: 'pending_human_review' });
		expect(Date.parse(dueAt ?? '')).toBeGreaterThan(Date.now() + hour / 2);
		expect(warnings).toEqual([]);
	});

	it('that could not be stored says so, and has no link and no due time', async () => {
		const fail = () => Promise.reject(new TaskStoreError('The disk is full'));
		const { run } = world({ escalate: fail, note: fail, release: fail });
		expect(itemOf(await run(escalated, { once }))).toMatchObject({
			reviewUrl: null,
			dueAt: null,
			warnings: [expect.stringMatching(/^The task store could not keep .*The disk is full/)],
		});
	});

	it('that could not be stored is stored in the background when the store is back', async () => {
		const away: Partial<TaskStore> = {};
		const { store, run } = world(away);
		const fail = () => Promise.reject(new TaskStoreError('The store is away'));
		Object.assign(away, { escalate: fail, note: fail });
		await run(escalated, { once });
		Object.assign(away, { escalate: store.escalate, note: store.note });
		await vi.waitFor(async () => expect(await store.get('k')).toMatchObject({ state: 'pending_human_review' }), {
			timeout: 10_000,
		});
		expect(await linesOf(store, 'task')).toBe(1);
	});

	it('tells what was changed on the way', async () => {
		const { run } = world();
		const outcome = { ...escalated, warnings: ['Called again without temperature'] } as Outcome;
		expect(itemOf(await run(outcome, { once })).warnings).toEqual(['Called again without temperature']);
	});

	it.each([
		['contains itself', circular, { ticket: 7, self: '[not kept: it contains itself]' }, 'self'],
		[
			'has a part that cannot be written',
			{ ticket: 7, at: { toJSON: () => JSON.parse('{') as unknown } },
			{ ticket: 7, at: '[not kept: it cannot be read (SyntaxError)]' },
			'at',
		],
	])('whose input %s is stored all the same, and says what is missing', async (_, context, kept, part) => {
		const { store, run } = world();
		const { reviewUrl, warnings } = itemOf(await run(escalated, { once, context }));
		expect(warnings).toEqual([expect.stringContaining(`The review does not hold "${part}" of the input: it `)]);
		const record = await store.findReview({ tokenHash: tokenIn(reviewUrl) });
		const payload = decodeReviewPayload(record !== undefined && 'payload' in record ? record.payload : null);
		expect(payload).toMatchObject({ kind: 'decoded', payload: { context: kept, warnings } });
		const decided = await store.decide(record?.identity.key ?? '', decision(), null);
		if (decided.kind !== 'decided') throw new Error(decided.kind);
		expect(humanAnswer(decided.record, { includeAttempts: false, replayed: false })).toMatchObject({
			input: kept,
			warnings,
		});
	});
});

it('failed at the time that the clock on the wall says, also after the machine has slept', async () => {
	const { run } = world();
	const { end } = await afterASleepOf(8 * hour, async () => await run(escalated));
	const failedAt = end.kind === 'escalated' ? end.escalation.failedAt : 0;
	expect(Math.abs(Date.now() - failedAt)).toBeLessThan(hour / 2);
});

describe('a task that is to run once', () => {
	it('escalates again with the warnings of its review, and a link of its own', async () => {
		const { store, run } = world();
		const first = itemOf(await run(escalated, { context: circular }));
		const again = itemOf(await run(answered('never asked')));
		expect(again.warnings).toEqual(first.warnings);
		expect(again.reviewUrl).not.toBe(first.reviewUrl);
		expect(await store.findReview({ tokenHash: tokenIn(again.reviewUrl) })).toMatchObject({
			state: 'pending_human_review',
		});
	});

	it('keeps its link when its review was stored anew, because the store had lost the task', async () => {
		const lost: Partial<TaskStore> = {};
		const { store, run } = world(lost);
		let times = 0;
		lost.escalate = async (lease, escalation) => {
			if ((times += 1) === 1) await store.release(lease);
			return await store.escalate(lease, escalation);
		};
		const { reviewUrl, dueAt, warnings } = itemOf(await run(escalated));
		expect(await store.findReview({ tokenHash: tokenIn(reviewUrl) })).toMatchObject({ state: 'pending_human_review' });
		expect([dueAt, warnings]).toEqual([expect.any(String), [expect.stringContaining('was stored anew')]]);
	});

	it('gives no link to a review that another run has taken over', async () => {
		const lost: Partial<TaskStore> = {};
		const { store, run } = world(lost);
		lost.escalate = async (lease, escalation) => {
			await store.release(lease);
			await store.claim({ identity: identityOf('k'), owner: 'other', leaseMs: hour });
			return await store.escalate(lease, escalation);
		};
		expect(itemOf(await run(escalated))).toMatchObject({
			reviewUrl: null,
			dueAt: null,
			warnings: [expect.any(String)],
		});
	});

	it('that another run holds says until when at the latest, and nothing that it does not know', async () => {
		const { store, run } = world();
		const claim = await store.claim({ identity: identityOf('k'), owner: 'a run that was killed', leaseMs: hour });
		const until = claim.kind === 'acquired' ? new Date(claim.lease.until).toISOString() : '';
		const { end } = await run(answered('never asked'), { deadlineMs: 1 });
		const reason = `Another run holds this task, until ${until} at the latest, and had not ended it when the deadline of this one passed`;
		expect(end).toMatchObject({
			kind: 'escalated',
			escalation: { reasonCode: 'task_in_progress', reason, isStored: false },
		});
	});
});

describe.each([true, false])('a cancelled run (Process Each Task Only Once: %s)', (once) => {
	it('counts its calls, and no task', async () => {
		const { store, run } = world();
		expect(await run(cancelled, { once })).toEqual({ end: { kind: 'cancelled' }, warnings: [] });
		expect([await linesOf(store, 'attempt'), await linesOf(store, 'task')]).toEqual([2, 0]);
	});
});
