import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { cells, nameOf, seedOf } from './cells';
import { playCell } from './play';
import { groupsOf } from './worst';

/** All combinations, which takes some minutes. Writes what the tables of `docs/rate-limits.md` are made from. */
it('turns nobody away but on the server’s own word, in any combination', { timeout: 3_600_000 }, async () => {
	const played = [];
	const turnedAway: string[] = [];
	for (const cell of cells) {
		const result = await playCell(cell, seedOf(cell));
		played.push({ cell, played: result });
		if (result.turnedAway > 0) turnedAway.push(`${nameOf(cell)}: ${result.turnedAway}`);
	}
	const rounded = (_: string, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value);
	writeFileSync(join(import.meta.dirname, 'results.json'), `${JSON.stringify(groupsOf(played), rounded, '\t')}\n`);
	expect(turnedAway).toEqual([]);
});
