import type { Attempt } from '../../nodes/ResilientLlm/engine/attempt';
import type { Json, TaskRecord } from '../../nodes/ResilientLlm/engine/store/task-record';
import type { TaskStore } from '../../nodes/ResilientLlm/engine/store/task-store';
import type { ReviewDesk } from '../../nodes/ResilientLlm/review/review-desk';
import { encodeReviewPayload, type ReviewPayload } from '../../nodes/ResilientLlm/review/review-payload';
import { createReviewToken, hashReviewToken } from '../../nodes/ResilientLlm/review/token';
import { createMemoryTaskStore } from '../../nodes/ResilientLlm/stores/memory/memory';

export const escalatedAt = Date.parse('2026-11-20T09:12:00Z');
const hour = 3_600_000;

export const samplePayload: ReviewPayload = {
	prompt:
		'Decide on this refund request and write the reply to the customer.\n\nOrder 48213, delivered 11 November, 64.90 EUR.\n"The left speaker crackles at any volume. I tried another cable and another phone. I would like my money back."',
	systemMessage:
		'You are a support agent of a small hi-fi shop. Be warm and brief. Refunds within 14 days are always granted.',
	context: {
		orderId: 48213,
		customer: 'Ada Palmer',
		email: 'ada@example.com',
		amount: 64.9,
		currency: 'EUR',
		deliveredOn: '2026-11-11',
	},
	draft:
		'Hello Ada,\n\nI am sorry about the crackling speaker, and thank you for trying another cable and phone first. Your order is within 14 days, so we refund the full 64.90 EUR. The return label is attached; the money is on its way as soon as the parcel is scanned.\n\nBest wishes\nThe team',
	reason: 'A human reviews every answer to this task: Anthropic overloaded (529) twice',
	output: { kind: 'text' },
	includeInput: true,
	warnings: [],
};

const attempt = { stepAttempt: 1, waitMs: 0, latencyMs: 812, costUsd: 0 } as const;

export const sampleAttempts: readonly Attempt[] = [
	{
		...attempt,
		attempt: 1,
		step: 1,
		provider: 'anthropic',
		model: 'claude-haiku-5-5',
		outcome: 'failed',
		reason: 'overloaded',
		httpStatus: 529,
		message: 'Overloaded',
		startedAt: '2026-11-20T09:11:41Z',
	},
	{
		...attempt,
		attempt: 2,
		step: 1,
		stepAttempt: 2,
		waitMs: 1430,
		provider: 'anthropic',
		model: 'claude-haiku-5-5',
		outcome: 'failed',
		reason: 'overloaded',
		httpStatus: 529,
		message: 'Overloaded',
		startedAt: '2026-11-20T09:11:43Z',
	},
	{
		...attempt,
		attempt: 3,
		step: 2,
		stepAttempt: 0,
		latencyMs: 0,
		provider: 'openAi',
		model: 'gpt-6-luna',
		outcome: 'skipped',
		reason: 'circuit_open',
		message: 'Failed five times in a row; tried again after 09:12:10',
		startedAt: '2026-11-20T09:11:44Z',
	},
	{
		...attempt,
		attempt: 4,
		step: 3,
		latencyMs: 4210,
		costUsd: 0.0042,
		provider: 'gemini',
		model: 'gemini-3.5-flash-lite',
		outcome: 'answered',
		startedAt: '2026-11-20T09:11:44Z',
	},
];

export interface SampleReview {
	readonly desk: ReviewDesk;
	readonly store: TaskStore;
	readonly token: string;
	readonly key: string;
	readonly warnings: string[];
	/** Lets time pass, in ms. */
	pass(ms: number): void;
	record(): Promise<TaskRecord>;
	/** A POST's body as n8n parses it. */
	body(fields: Readonly<Record<string, string>>): Readonly<Record<string, string>>;
}

/** One pending review in a store of its own, escalated at 09:12 UTC and opened 40 minutes later. */
export async function sampleReview(
	payload: Partial<ReviewPayload> = {},
	attempts: readonly Attempt[] = sampleAttempts,
): Promise<SampleReview> {
	let now = escalatedAt;
	const store = createMemoryTaskStore({ clock: { now: () => now } });
	const token = createReviewToken();
	const key = 'workflow:node:refund-48213';
	await store.note(
		{
			key,
			taskId: 'refund-48213',
			fingerprint: 'f',
			origin: {
				workflowId: 'w1',
				workflowName: 'Refund desk',
				nodeId: 'n1',
				nodeName: 'Resilient LLM',
				executionId: '1723',
			},
		},
		{
			kind: 'escalated',
			summary: {
				tier: 3,
				reasonCode: 'human_review_required',
				provider: null,
				model: null,
				attempts,
				costUsd: 0.0042,
				extraCostUsd: null,
				latencyMs: 7300,
			},
			ledger: [],
			payload: encodeReviewPayload({ ...samplePayload, ...payload }) as Json,
			tokenHash: hashReviewToken(token),
			dueInMs: 4 * hour,
			retentionMs: 7 * 24 * hour,
		},
	);
	now += 40 * 60_000;
	const warnings: string[] = [];
	const desk: ReviewDesk = {
		store: async () => store,
		receiver: 'w2:trigger',
		isInHand: () => false,
		now: () => now,
		timeZone: 'Europe/Berlin',
		warn: (error) => warnings.push(error.message),
	};
	return {
		desk,
		store,
		token,
		key,
		warnings,
		pass: (ms) => void (now += ms),
		async record() {
			const record = await store.get(key);
			if (record === undefined) throw new Error('The review is gone');
			return record;
		},
		body: (fields) => ({ token, reviewer: 'Grace Hopper', comment: '', edited: '', answer: '', ...fields }),
	};
}
