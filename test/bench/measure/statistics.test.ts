import { expect, it } from 'vitest';
import { percentile, spreadOf } from './statistics.ts';

it('gives the middle and the quartiles, whatever the order', () => {
	expect(spreadOf([5, 1, 4, 2, 3])).toEqual({ median: 3, q1: 2, q3: 4, n: 5 });
	expect(spreadOf([1, 2]).median).toBe(1.5);
});

it('sorts numbers as numbers', () => {
	expect(percentile([9, 10, 100], 1)).toBe(100);
});
