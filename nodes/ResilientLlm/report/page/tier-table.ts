import { html, type Html } from '../../page/html';
import { costOf } from '../headline';
import type { Report } from '../report';
import type { TierTotals } from '../totals';
import { duration, number, percent } from '../wording';
import { splitBar, type Paint } from './bars';
import { table } from './table';

interface TierRow {
	readonly paint: Paint;
	readonly name: string;
	readonly hint: string;
	readonly totals: TierTotals;
}

/** The table of tiers: how many tasks each ended, how fast, and at what cost. */
export function tierTable({ totals }: Report): Html {
	const rows: readonly TierRow[] = [
		{ paint: 't1', name: 'First model', hint: 'tier 1', totals: totals.tier1 },
		{ paint: 't2', name: 'Fallback', hint: 'tier 2', totals: totals.tier2 },
		{ paint: 't3', name: 'A human', hint: 'tier 3, time until handed over', totals: totals.tier3 },
	];
	return html`${table<TierRow>({
		title: 'Who answered',
		columns: [
			{
				head: 'Tier',
				cell: ({ paint, name, hint }) => html`<span class="swatch ${paint}"></span>${name}<small>${hint}</small>`,
			},
			{ head: 'Tasks', cell: (row) => number(row.totals.tasks) },
			{ head: 'Share', cell: (row) => percent(row.totals.share) },
			{ head: '50% within', cell: (row) => duration(row.totals.latencyMs.p50), spare: true },
			{ head: '95% within', cell: (row) => duration(row.totals.latencyMs.p95) },
			{ head: '99% within', cell: (row) => duration(row.totals.latencyMs.p99), spare: true },
			{
				head: 'Cost',
				cell: (row) => costOf({ costUsd: row.totals.costUsd, unpricedLines: row.totals.unpricedTasks }, '≥ '),
				spare: true,
			},
		],
		rows,
	})}
${splitBar(rows.map((row) => ({ paint: row.paint, amount: row.totals.tasks })))}`;
}
