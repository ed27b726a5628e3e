import { describe, expect, it } from 'vitest';

import { overdueReviews, type OverdueQuery } from '../../nodes/ResilientLlm/review/overdue-reviews';
import { showReview } from '../../nodes/ResilientLlm/review/review-desk';
import { escalatedAt, sampleReview, type SampleReview } from './sample-review';

const hour = 3_600_000;
const dueAt = escalatedAt + 4 * hour;
const reviewPageUrl = 'https://n8n.example.com/webhook/review';

async function remind({ store }: SampleReview, query: Partial<OverdueQuery> & { readonly until: number }) {
	return await overdueReviews(store, { after: 0, isOurs: () => true, ...query });
}

describe('a review is told once, when it becomes overdue', () => {
	it('not before, then once, over spans that follow on each other', async () => {
		const review = await sampleReview({ reviewPageUrl });
		review.pass(5 * hour);
		const ends = [dueAt - 1, dueAt, dueAt + 60_000, dueAt + 120_000];
		const told: number[] = [];
		let after = 0;
		for (const until of ends) {
			const found = await remind(review, { after, until });
			told.push(found.reviews.length);
			after = found.until;
		}
		expect(told).toEqual([0, 1, 0, 0]);
	});

	it('with everything that a nudge needs, and a link that opens it', async () => {
		const review = await sampleReview({ reviewPageUrl });
		review.pass(5 * hour);
		const { reviews } = await remind(review, { until: dueAt });
		expect(reviews).toHaveLength(1);
		expect(reviews[0]).toMatchObject({
			taskId: 'refund-48213',
			status: 'pending_human_review',
			overdue: true,
			dueAt: '2026-11-20T13:12:00.000Z',
			workflowName: 'Refund desk',
		});
		const link = new URL(reviews[0]!.reviewUrl!);
		expect(link.href.startsWith(`${reviewPageUrl}?token=`)).toBe(true);
		expect((await showReview(review.desk, link.searchParams.get('token'))).status).toBe(200);
		// The first link goes on working.
		expect((await showReview(review.desk, review.token)).status).toBe(200);
	});

	it('not when it was decided in time', async () => {
		const review = await sampleReview();
		await review.store.decide(review.key, { decision: 'approve', output: 'x', reviewer: '', comment: '' }, null);
		review.pass(5 * hour);
		expect((await remind(review, { until: dueAt })).reviews).toEqual([]);
	});

	it('only by the page it belongs to', async () => {
		const review = await sampleReview({ reviewPageUrl });
		review.pass(5 * hour);
		const asked: Array<string | undefined> = [];
		const { reviews } = await remind(review, { until: dueAt, isOurs: (pageUrl) => asked.push(pageUrl) === 0 });
		expect(reviews).toEqual([]);
		expect(asked).toEqual([reviewPageUrl]);
	});

	it('without a link where there is no page', async () => {
		const review = await sampleReview();
		review.pass(5 * hour);
		expect((await remind(review, { until: dueAt })).reviews[0]?.reviewUrl).toBeNull();
	});
});
