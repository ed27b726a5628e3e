import { expect, it } from 'vitest';

import { createReviewToken, hashReviewToken, reviewLink } from '../../nodes/ResilientLlm/review/token';
import { sampleReview } from './sample-review';

it('makes tokens of 128 bits that need no escape in a URL', () => {
	const tokens = new Set(Array.from({ length: 1000 }, createReviewToken));
	expect(tokens.size).toBe(1000);
	for (const token of tokens) expect(token).toMatch(/^[\w-]{22}$/);
});

it('leaves only the hash in the store, whatever becomes of the review', async () => {
	const review = await sampleReview();
	await review.store.decide(review.key, { decision: 'reject', output: null, reviewer: 'Ada', comment: '' }, null);
	const { records } = await review.store.list({ states: [], limit: 10 });
	expect(JSON.stringify(records)).toContain(hashReviewToken(review.token));
	expect(JSON.stringify(records)).not.toContain(review.token);
});

it('adds the token to the page URL, whatever that has already', () => {
	expect(reviewLink('https://n8n.example.com/webhook/review', 'abc')).toBe(
		'https://n8n.example.com/webhook/review?token=abc',
	);
	expect(reviewLink('https://n8n.example.com/webhook/review?team=a&token=old#top', 'abc')).toBe(
		'https://n8n.example.com/webhook/review?team=a&token=abc#top',
	);
});
