import { expect, it } from 'vitest';

import { humanAnswer, type ResolvedReview } from '../../nodes/ResilientLlm/review/human-answer';
import { sampleReview } from './sample-review';

async function resolved(warnings: readonly string[]): Promise<ResolvedReview> {
	const { store, key, record } = await sampleReview({ warnings });
	await store.decide(key, { decision: 'approve', output: 'Hello Ada', reviewer: 'Grace Hopper', comment: '' }, null);
	const review = await record();
	if (review.state !== 'resolved') throw new Error('It is not resolved');
	return review;
}

it("a human's answer still tells what went wrong before the human was asked", async () => {
	const warnings = ['claude-haiku-5-5 takes no temperature; it was left out'];
	for (const options of [
		{ includeAttempts: true, replayed: false },
		{ includeAttempts: false, replayed: true },
	]) {
		expect(humanAnswer(await resolved(warnings), options).warnings).toEqual(warnings);
	}
	expect(humanAnswer(await resolved([]), { includeAttempts: true, replayed: false }).warnings).toEqual([]);
});
