import { expect, it } from 'vitest';

import { readAhead } from '../../nodes/ResilientLlm/actions/generate/read-ahead';

it('reads each item once, in order, and no further ahead than it may', async () => {
	const read: number[] = [];
	const next = readAhead([0, 1, 2, 3, 4], 2, async (item) => {
		read.push(item);
		return item * 10;
	});
	expect(await next(0)).toBe(0);
	expect(read).toEqual([0, 2]);
	expect(await Promise.all([next(1), next(2), next(3), next(4)])).toEqual([10, 20, 30, 40]);
	expect(read.toSorted()).toEqual([0, 1, 2, 3, 4]);
});

it('tells of a failure when the item’s turn comes, and lets the others be', async () => {
	const next = readAhead(['good', 'bad', 'last'], 1, async (item) => {
		if (item === 'bad') throw new Error('no credential');
		return item;
	});
	expect(await next('good')).toBe('good');
	await expect(next('bad')).rejects.toThrow('no credential');
	expect(await next('last')).toBe('last');
});
