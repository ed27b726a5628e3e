import type { StoryRow } from './story-row.ts';

const columns: readonly { readonly title: string; readonly cell: (row: StoryRow) => string }[] = [
	{ title: 'output', cell: (row) => row.output },
	{ title: 'tier', cell: (row) => String(row.tier) },
	{ title: 'provider', cell: (row) => row.provider },
	{ title: 'model', cell: (row) => row.model },
	{ title: 'attempts', cell: (row) => String(row.attempts) },
	{ title: 'wait', cell: (row) => `${Math.round(row.waitMs)} ms` },
	{ title: 'cost', cell: (row) => (row.costUsd === null ? 'unknown' : `$${row.costUsd.toFixed(6)}`) },
	{ title: 'reason', cell: (row) => row.reason },
];

/** One line an item. The reason stands last, because it may be long. */
export function table(rows: readonly StoryRow[]): string {
	const lines = [
		columns.map((column) => column.title),
		...rows.map((row) => columns.map((column) => column.cell(row))),
	];
	const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
	return lines
		.map((line) =>
			line
				.map((cell, index) => cell.padEnd(widths[index] ?? 0))
				.join('  ')
				.trimEnd(),
		)
		.join('\n');
}
