import type { Html } from '../../page/html';
import { exactly, money } from '../../page/wording';
import type { Report } from '../report';
import type { TrendLine } from '../trend';
import { number, percent, spanWords } from '../wording';
import { table } from './table';

interface TrendRow {
	readonly name: string;
	readonly line: TrendLine;
	readonly shown: (value: number) => string;
	/** Changes of rates are shown in percentage points, other changes in percent. */
	readonly isRate?: boolean;
}

/** The table of numbers in this window and in the window before. */
export function trendTable({ trend, window }: Report): Html | undefined {
	const rows: readonly TrendRow[] = [
		{ name: 'Tasks', line: trend.tasks, shown: number },
		{ name: 'Fallback answered', line: trend.fallbackRate, shown: percent, isRate: true },
		{ name: 'Went to a human', line: trend.escalationRate, shown: percent, isRate: true },
		{ name: 'Calls that failed', line: trend.failureRate, shown: percent, isRate: true },
		{ name: '95% answered within', line: trend.p95LatencyMs, shown: exactly },
		{ name: 'Cost', line: trend.costUsd, shown: money },
	];
	const value = (shown: TrendRow['shown'], amount: number | null) => (amount === null ? '–' : shown(amount));
	return table<TrendRow>({
		title: 'Against the time before',
		note: `The last ${spanWords(Math.round(window.hours * 60))}, and the ${spanWords(Math.round(window.hours * 60))} before`,
		rows: rows.filter(({ line }) => line.now !== null || line.before !== null),
		columns: [
			{ head: 'What', cell: ({ name }) => name },
			{ head: 'Now', cell: ({ line, shown }) => value(shown, line.now) },
			{ head: 'Before', cell: ({ line, shown }) => value(shown, line.before) },
			{ head: 'Change', cell: changeCell },
		],
	});
}

function changeCell({ line: { now, before, change, changePercent }, isRate = false }: TrendRow): string {
	if (change === null) return '–';
	if (change === 0) return 'none';
	const sign = change > 0 ? '+' : '−';
	if (isRate) return `${sign}${Number(Math.abs(change * 100).toFixed(1))} points`;
	if (changePercent === null) return 'new';
	if (changePercent >= 200) return `× ${Number(((now ?? 0) / (before ?? 1)).toFixed(1))}`;
	const rounded = Math.round(Math.abs(changePercent));
	return rounded === 0 ? 'same' : `${sign}${number(rounded)}%`;
}
