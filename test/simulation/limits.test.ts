import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { cells, nameOf, seedOf } from './cells';
import { playCell } from './play';
import { sumOf, tableOf } from './table';
import { headOf, type Group } from './worst';

const groups = JSON.parse(readFileSync(join(import.meta.dirname, 'results.json'), 'utf8')) as readonly Group[];

/** One of so many combinations. `npm run simulate:limits` plays them all. */
const every = 67;
const sample = cells.filter((_, index) => index % every === 0);

/** The results are kept with four digits. */
const rounding = 1.001;

describe('the gate in a simulated world', () => {
	it(`does in a sample of ${sample.length} combinations what the page says of all`, async () => {
		for (const cell of sample) {
			const played = await playCell(cell, seedOf(cell));
			const name = nameOf(cell);
			expect(played.turnedAway, `${name}: turned away`).toBe(0);
			if (!played.fits) continue;
			const head = headOf(cell);
			const group = groups.find(
				(one) => one.limitName === head.limitName && one.usage === head.usage && one.word === head.word,
			);
			expect(group, name).toBeDefined();
			expect(played.refusedShare, `${name}: refused`).toBeLessThanOrEqual(group!.refused.value * rounding);
			expect(played.time.ratio, `${name}: time`).toBeLessThanOrEqual(group!.timeRatio.value * rounding);
			expect(played.waitRatio, `${name}: wait`).toBeLessThanOrEqual(group!.waitRatio.value * rounding);
		}
	});

	/** `UPDATE_README=1 npx vitest run --project unit test/simulation` writes the tables anew. */
	it('is on the page as it was played', () => {
		const file = join(import.meta.dirname, '../../docs/rate-limits.md');
		const parts = {
			'limits-given': tableOf(groups, 'given'),
			'limits-not-given': tableOf(groups, 'not given'),
			'limits-sum': `${sumOf(groups.filter(({ word }) => word !== 'years'))} With a Retry-After of 1e9 s: ${sumOf(groups.filter(({ word }) => word === 'years')).split('.')[0]}.`,
		};
		const before = readFileSync(file, 'utf8');
		let after = before;
		for (const [name, text] of Object.entries(parts)) {
			const between = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);
			expect(before, `the markers of ${name} are there`).toMatch(between);
			after = after.replace(between, (_, open: string, close: string) => `${open}${text}\n${close}`);
		}
		if (process.env['UPDATE_README'] === '1') writeFileSync(file, after);
		else expect(before).toBe(after);
	});
});
