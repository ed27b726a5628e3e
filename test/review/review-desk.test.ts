import { describe, expect, it } from 'vitest';

import { TaskStoreError, type TaskStore } from '../../nodes/ResilientLlm/engine/store/task-store';
import { humanAnswer } from '../../nodes/ResilientLlm/review/human-answer';
import { showReview, takeDecision } from '../../nodes/ResilientLlm/review/review-desk';
import { decisionFields, successFields } from '../readme/fields';
import { sampleAttempts, samplePayload, sampleReview } from './sample-review';

const schema = {
	type: 'object',
	properties: { refund: { type: 'boolean' } },
	required: ['refund'],
	additionalProperties: false,
};
const hour = 3_600_000;
const day = 24 * hour;

describe('each decision goes on in the shape of a Success item', () => {
	const answer = {
		taskId: 'refund-48213',
		tier: 3,
		degraded: false,
		provider: 'human',
		model: null,
		finishReason: 'stop',
		usage: { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, reasoningTokens: 0 },
		costUsd: 0.0042,
		latencyMs: 7300,
		replayed: false,
		attempts: sampleAttempts,
		warnings: [],
		input: samplePayload.context,
		reviewer: 'Grace Hopper',
		comment: 'Checked with Ada',
		respondedAt: '2026-11-20T09:52:00.000Z',
		decisionId: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
	};

	it.each([
		['approve', {}, samplePayload.draft],
		['edit', { edited: 'A better\r\nreply', answer: 'not this' }, 'A better\nreply'],
		['answer', { edited: 'not this', answer: 'My reply' }, 'My reply'],
		['reject', { edited: 'not this', answer: 'nor this' }, null],
	])('%s', async (decision, fields, output) => {
		const review = await sampleReview();
		const { page, decided } = await takeDecision(
			review.desk,
			review.body({ decision, comment: 'Checked with Ada', ...fields }),
		);
		expect(page.status).toBe(200);
		expect(page.body).toContain('your decision is sent');
		const item = humanAnswer(decided!, { includeAttempts: true, replayed: false });
		expect(item).toEqual({ ...answer, decision, output });
		const success = Object.keys(successFields).filter((field) => field !== 'truncated');
		expect(Object.keys(item)).toEqual([...success, ...Object.keys(decisionFields)]);
	});

	it('without the input and the attempts, where nobody asked for them', async () => {
		const review = await sampleReview({ includeInput: false });
		const { decided } = await takeDecision(review.desk, review.body({ decision: 'approve' }));
		const keys = Object.keys(humanAnswer(decided!, { includeAttempts: false, replayed: true }));
		expect(keys).not.toContain('input');
		expect(keys).not.toContain('attempts');
		expect(keys).not.toContain('error');
	});
});

describe('the first decision counts', () => {
	it('20 at once: one wins, the others see its decision', async () => {
		const review = await sampleReview();
		const visits = await Promise.all(
			Array.from(
				{ length: 20 },
				async (_, index) =>
					await takeDecision(
						review.desk,
						review.body({ decision: 'answer', answer: `Answer ${index}`, reviewer: `Reviewer ${index}` }),
					),
			),
		);
		const winners = visits.filter(({ decided }) => decided !== undefined);
		expect(winners).toHaveLength(1);
		const { reviewer } = winners[0]!.decided!.decision;
		for (const { page } of visits.filter(({ decided }) => decided === undefined)) {
			expect(page.status).toBe(409);
			expect(page.body).toContain(`<bdi>${reviewer}</bdi> wrote the answer`);
		}
	});

	it('a later one changes nothing, shows the first, and gives the text back', async () => {
		const review = await sampleReview();
		await takeDecision(review.desk, review.body({ decision: 'approve', reviewer: 'Ada' }));
		const before = await review.record();
		review.pass(60_000);
		const { page, decided } = await takeDecision(
			review.desk,
			review.body({ decision: 'answer', answer: 'Too late, sadly' }),
		);
		expect(decided).toBeUndefined();
		expect(page.status).toBe(409);
		expect(page.body).toContain('<bdi>Ada</bdi> approved the draft');
		expect(page.body).toContain('Too late, sadly');
		expect(await review.record()).toEqual(before);
	});

	it('the same one sent twice is confirmed again, but starts nothing again', async () => {
		const review = await sampleReview();
		const body = review.body({ decision: 'edit', edited: 'Once' });
		const [first, second] = [await takeDecision(review.desk, body), await takeDecision(review.desk, body)];
		expect(first.decided).toBeDefined();
		expect(second.decided).toBeUndefined();
		expect(second.page).toEqual(first.page);
	});

	it('the same one sent again, because its answer got lost, starts the workflow that nobody has started', async () => {
		const review = await sampleReview();
		const body = review.body({ decision: 'edit', edited: 'Once' });
		// It is stored, and nobody hears of it.
		const lost = {
			...review.store,
			decide: async (...decision: Parameters<TaskStore['decide']>) => {
				await review.store.decide(...decision);
				throw new TaskStoreError('Redis does not answer');
			},
		};
		const first = await takeDecision({ ...review.desk, store: async () => lost }, body);
		expect(first).toMatchObject({ page: { status: 503 } });
		expect(first.decided).toBeUndefined();

		review.pass(40_000);
		expect(await takeDecision(review.desk, body)).toMatchObject({ page: { status: 200 } });
		review.pass(10_000);
		const inHand = await takeDecision({ ...review.desk, isInHand: () => true }, body);
		expect(inHand.page.status).toBe(200);
		expect(inHand.decided).toBeUndefined();
		const other = await takeDecision(review.desk, { ...body, comment: 'Something else' });
		expect(other.page.status).toBe(409);
		expect(other.decided).toBeUndefined();
		const again = await takeDecision(review.desk, body);
		expect(again).toMatchObject({ page: { status: 200 }, decided: { decision: { output: 'Once' } }, handover: 2 });
		expect(again.page.body).toContain('your decision is sent');
		expect((await takeDecision(review.desk, body)).decided).toBeUndefined();

		await review.store.endDelivery(again.decided!.decision.decisionId);
		review.pass(hour);
		expect((await takeDecision(review.desk, body)).decided).toBeUndefined();
	});

	it('who opens the link afterwards sees what was decided, by whom, when', async () => {
		const review = await sampleReview();
		await takeDecision(review.desk, review.body({ decision: 'reject', comment: 'Not ours' }));
		const { status, body } = await showReview(review.desk, review.token);
		expect(status).toBe(200);
		expect(body).toContain('<bdi>Grace Hopper</bdi> rejected the task');
		expect(body).toContain('Fri, 20 Nov 2026, 10:52 CET');
		expect(body).toContain('Not ours');
		expect(body).not.toContain('<form');
		expect(body).toContain('The workflow is still at work on it');
		const record = await review.record();
		await review.store.endDelivery(record.state === 'resolved' ? record.decision.decisionId : '');
		expect((await showReview(review.desk, review.token)).body).not.toContain('The workflow is still at work on it');
	});
});

describe('what does not decide', () => {
	it('opening the page 100 times changes nothing', async () => {
		const review = await sampleReview();
		const before = await review.record();
		const pages = await Promise.all(
			Array.from({ length: 100 }, async () => await showReview(review.desk, review.token)),
		);
		expect(new Set(pages.map(({ status }) => status))).toEqual(new Set([200]));
		expect(await review.record()).toEqual(before);
	});

	it('a missing, guessed or broken token leads to one and the same page', async () => {
		const review = await sampleReview();
		const tokens = [
			'',
			'guess',
			'A'.repeat(22),
			`${review.token}x`,
			review.token.toLowerCase() + '-',
			undefined,
			['a'],
			{},
		];
		const pages = await Promise.all([
			...tokens.map(async (token) => await showReview(review.desk, token)),
			...tokens.map(
				async (token) => (await takeDecision(review.desk, { ...review.body({ decision: 'approve' }), token })).page,
			),
			(await takeDecision(review.desk, undefined)).page,
		]);
		for (const page of pages) expect(page).toEqual(pages[0]);
		expect(pages[0]!.status).toBe(404);
		expect((await review.record()).state).toBe('pending_human_review');
	});

	it("another review's token decides that review alone", async () => {
		const [one, other] = [await sampleReview(), await sampleReview()];
		const { page } = await takeDecision(one.desk, { ...one.body({ decision: 'approve' }), token: other.token });
		expect(page.status).toBe(404);
		expect((await one.record()).state).toBe('pending_human_review');
	});

	it('an incomplete form comes back as it was typed, with everything that is missing', async () => {
		const review = await sampleReview();
		const { page, decided } = await takeDecision(
			review.desk,
			review.body({ decision: 'edit', edited: ' ', comment: 'My <b>comment</b>', reviewer: '' }),
		);
		expect(decided).toBeUndefined();
		expect(page.status).toBe(422);
		for (const part of [
			'Not sent yet',
			'The answer is empty.',
			'Enter your name',
			'My &lt;b&gt;comment&lt;/b&gt;',
			'value="edit" checked',
		])
			expect(page.body).toContain(part);
	});

	it('JSON that misses the schema is explained, and the review stays open', async () => {
		const review = await sampleReview({ draft: '{"refund": "yes"}', output: { kind: 'jsonSchema', schema } });
		const opened = await showReview(review.desk, review.token);
		expect(opened.body).not.toContain('value="approve"');
		expect(opened.body).toContain('It cannot be approved as it is. The value at /refund must be boolean');

		const approved = await takeDecision(review.desk, review.body({ decision: 'approve' }));
		expect(approved.page.status).toBe(422);
		const broken = await takeDecision(review.desk, review.body({ decision: 'edit', edited: '{"refund": tru}' }));
		expect(broken.page.status).toBe(422);
		expect(broken.page.body).toContain('The answer is not valid JSON.');

		const { decided } = await takeDecision(review.desk, review.body({ decision: 'edit', edited: '{"refund": true}' }));
		expect(decided?.decision.output).toEqual({ refund: true });
	});

	it('without a draft there is nothing to approve or correct', async () => {
		const review = await sampleReview({ draft: null });
		const { body } = await showReview(review.desk, review.token);
		expect([...body.matchAll(/name="decision" id="\S+" value="(\w+)"/g)].map(([, kind]) => kind)).toEqual([
			'answer',
			'reject',
		]);
		const { page } = await takeDecision(review.desk, review.body({ decision: 'approve' }));
		expect(page.status).toBe(422);
		expect(page.body).toContain('There is no draft');
	});
});

describe('when it cannot be decided any more, or not now', () => {
	it('an expired review says until when it was open, and gives the text back', async () => {
		const review = await sampleReview();
		review.pass(8 * day);
		expect((await showReview(review.desk, review.token)).status).toBe(410);
		const { page, decided } = await takeDecision(
			review.desk,
			review.body({ decision: 'answer', answer: 'A week late' }),
		);
		expect(decided).toBeUndefined();
		expect(page.status).toBe(410);
		expect(page.body).toContain('Fri, 27 Nov 2026, 10:12 CET');
		expect(page.body).toContain('A week late');
	});

	it('a store that fails is told to the log, not to the reader, who gets the text back', async () => {
		const review = await sampleReview();
		const desk = {
			...review.desk,
			store: async () =>
				await Promise.reject(new TaskStoreError('Redis at redis.internal:6379 refuses the connection')),
		};
		const { page, decided } = await takeDecision(
			desk,
			review.body({ decision: 'answer', answer: 'A long answer', comment: 'And a comment' }),
		);
		expect(decided).toBeUndefined();
		expect(page.status).toBe(503);
		expect(page.body).toContain('A long answer\n\nAnd a comment');
		expect(page.body).not.toContain('redis.internal');
		expect((await showReview(desk, review.token)).status).toBe(503);
		expect(review.warnings).toHaveLength(2);
		expect(review.warnings.join()).toContain('redis.internal');
	});

	it('an unreadable review says so', async () => {
		const review = await sampleReview();
		const store = {
			...review.store,
			findReview: async () => ({ ...(await review.record()), payload: { version: 99 } }) as never,
		};
		const page = await showReview({ ...review.desk, store: async () => store }, review.token);
		expect(page.status).toBe(500);
		expect(page.body).toContain('written in version 99');
	});
});
