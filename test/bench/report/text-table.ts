import type { Column, ScenarioResult, Table, Value } from './result.ts';

export function scenarioText({ title, tables, targets, notes }: ScenarioResult): string {
	return [
		`\n== ${title}`,
		...tables.map(tableText),
		...targets.map(({ promise, measured, met }) => `${met ? 'met    ' : 'NOT MET'}  ${promise}: ${measured}`),
		...notes.map((note) => `  * ${note}`),
	].join('\n');
}

function tableText({ title, columns, rows }: Table): string {
	const head = [
		'',
		...columns.map((column) => (column.unit === undefined ? column.title : `${column.title}, ${column.unit}`)),
	];
	const lines = [
		head,
		...rows.map(({ label, values }) => [label, ...columns.map((column) => shown(values[column.key] ?? null, column))]),
	];
	const widths = head.map((_, place) => Math.max(...lines.map((line) => line[place]?.length ?? 0)));
	const aligned = lines.map((line) =>
		line
			.map((cell, place) => (place === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[place] ?? 0)))
			.join('  '),
	);
	return ['', title, ...aligned].join('\n');
}

/** A spread shows its quartiles, a single number itself. */
export function shown(value: Value, { digits = 1 }: Pick<Column, 'digits'>): string {
	if (value === null) return '–';
	if (typeof value === 'number') return number(value, digits);
	if (typeof value === 'object')
		return value.n > 1
			? `${number(value.median, digits)} (${number(value.q1, digits)}–${number(value.q3, digits)})`
			: number(value.median, digits);
	return typeof value === 'boolean' ? (value ? 'yes' : 'no') : value;
}

export function number(value: number, digits: number): string {
	return Number.isFinite(value) ? value.toFixed(digits) : '–';
}

/** The middle of a value that is a number. */
export function middle(value: Value | undefined): number {
	if (typeof value === 'number') return value;
	return typeof value === 'object' && value !== null ? value.median : Number.NaN;
}
