import { describe, expect, it } from 'vitest';
import { TokenBucket } from './behaviour.ts';

describe('a bucket of ten a second', () => {
	it('answers ten at once, then says how long the next one takes', () => {
		const bucket = new TokenBucket(10);
		const waits = Array.from({ length: 11 }, () => bucket.take(0));
		expect(waits.slice(0, 10)).toEqual(Array(10).fill(0));
		expect(waits[10]).toBeCloseTo(0.1);
	});

	it('refills evenly and never beyond full', () => {
		const bucket = new TokenBucket(10);
		for (let taken = 0; taken < 10; taken += 1) bucket.take(0);
		expect(bucket.take(100)).toBe(0);
		expect(bucket.take(100)).toBeGreaterThan(0);
		const later = Array.from({ length: 11 }, () => bucket.take(60_000));
		expect(later.filter((wait) => wait === 0)).toHaveLength(10);
	});
});
