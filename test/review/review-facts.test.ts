import { expect, it } from 'vitest';

import { isReview, reviewFacts } from '../../nodes/ResilientLlm/review/review-facts';
import { escalatedAt, sampleReview } from './sample-review';

const dueAt = escalatedAt + 4 * 3_600_000;

async function overdueAt(instant: number): Promise<boolean> {
	const record = await (await sampleReview()).record();
	if (!isReview(record)) throw new Error('It is no review');
	return reviewFacts(record, instant).overdue;
}

it('a review is overdue from the very millisecond at which it is due, and not before', async () => {
	expect(await overdueAt(dueAt - 1)).toBe(false);
	expect(await overdueAt(dueAt)).toBe(true);
	expect(await overdueAt(dueAt + 1)).toBe(true);
});
