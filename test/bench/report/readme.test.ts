import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { comparisonTable, measuredOn, missedTargets, n8nTable, targetsTable } from './readme-tables.ts';
import type { Report } from './result.ts';

const bench = join(import.meta.dirname, '..');
const results = join(bench, 'results');
const newest = readdirSync(results).sort().at(-1) ?? '';
const report = JSON.parse(readFileSync(join(results, newest), 'utf8')) as Report;

/** `UPDATE_README=1 npx vitest run --project unit test/bench` writes them anew. */
it.each([
	[
		'the README',
		join(bench, '../../README.md'),
		[measuredOn(report), comparisonTable(report), n8nTable(report), missedTargets(report)],
	],
	['the bench’s own page', join(bench, 'README.md'), [measuredOn(report), targetsTable(report)]],
] as const)('%s shows the last results', (_, file, parts) => {
	const before = readFileSync(file, 'utf8');
	expect(before, 'the markers are there').toContain('<!-- bench -->');
	const after = before.replace(
		/(<!-- bench -->\n)[\s\S]*?(<!-- \/bench -->)/,
		(__, open: string, close: string) => `${open}${parts.join('\n\n')}\n${close}`,
	);
	if (process.env['UPDATE_README'] === '1') writeFileSync(file, after);
	else expect(before).toBe(after);
});
