import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { comparisonTable, measuredOn, n8nTable, targetsTable } from './readme-tables.ts';
import type { Report } from './result.ts';

const results = join(import.meta.dirname, '../results');
const readme = join(import.meta.dirname, '../../../README.md');

/** `UPDATE_README=1 npx vitest run --project unit test/bench` writes them anew. */
it('the README shows the last results', () => {
	const newest = readdirSync(results).sort().at(-1) ?? '';
	const report = JSON.parse(readFileSync(join(results, newest), 'utf8')) as Report;
	const tables = [measuredOn(report), comparisonTable(report), n8nTable(report), targetsTable(report)].join('\n\n');
	const before = readFileSync(readme, 'utf8');
	const after = before.replace(/(<!-- bench -->\n)[\s\S]*?(<!-- \/bench -->)/, (_, open: string, close: string) => `${open}${tables}\n${close}`);
	if (process.env['UPDATE_README'] === '1') writeFileSync(readme, after);
	else expect(before).toBe(after);
});
