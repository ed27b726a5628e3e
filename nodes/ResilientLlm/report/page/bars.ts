import { html, type Html } from '../../page/html';
import { light } from './style';

/** What a bar stands for; the colours are the style sheet's. */
export type Paint = 't1' | 't2' | 't3' | 'tm';

export interface Part {
	readonly paint: Paint;
	readonly amount: number;
}

/** For mail programs that take no style sheet. */
const fallbackColours: Readonly<Record<Paint, string>> = {
	t1: light.tier1,
	t2: light.tier2,
	t3: light.tier3,
	tm: light.money,
};

/** One bar, divided. The numbers stand beside it. */
export function splitBar(parts: readonly Part[]): Html | undefined {
	const whole = sumOf(parts);
	if (whole === 0) return undefined;
	return html`<table class="split" role="presentation" aria-hidden="true"><tr>${shown(parts).map(
		({ paint, amount }) =>
			html`<td class="${paint}" bgcolor="${fallbackColours[paint]}" style="width:${decimals((amount / whole) * 100)}%">&nbsp;</td>`,
	)}</tr></table>`;
}

/** How much of the largest this is. The number stands beside it. */
export function trackBar(paint: Paint, amount: number, largest: number): Html {
	return html`<div class="track" aria-hidden="true"><div class="${paint}" style="width:${decimals(largest === 0 ? 0 : (amount / largest) * 100)}%"></div></div>`;
}

export interface ChartColumn {
	/** Read out, and shown to a pointer: "14:00 to 15:00: 12 tasks". */
	readonly words: string;
	/** From the top down. */
	readonly parts: readonly Part[];
}

export interface ColumnChart {
	readonly title: Html;
	readonly columns: readonly ChartColumn[];
	/** Of the highest column, in pixels. */
	readonly height: number;
	/** Below the columns, from the left; each stands for as many columns as it takes for all of them. */
	readonly axis?: readonly string[];
}

/** Columns over time, as a table: mail programs show no SVG. */
export function columnChart({ title, columns, height, axis = [] }: ColumnChart): Html {
	const highest = Math.max(...columns.map(({ parts }) => sumOf(parts)));
	const span = Math.ceil(columns.length / Math.max(1, axis.length));
	return html`<table class="chart">
<caption>${title}</caption>
<tbody><tr>${columns.map(({ words, parts }) => html`<td height="${height}" title="${words}"><div role="img" aria-label="${words}">${column(parts, height, highest)}</div></td>`)}</tr>
${axis.length > 0 && html`<tr class="axis">${axis.map((label, index) => html`<th scope="colgroup" colspan="${Math.min(span, columns.length - index * span)}">${label}</th>`)}</tr>`}</tbody>
</table>`;
}

function column(parts: readonly Part[], height: number, highest: number): readonly Html[] {
	if (sumOf(parts) === 0) return [html`<div class="empty" style="height:2px"></div>`];
	return shown(parts).map(
		({ paint, amount }) =>
			html`<div class="${paint}" style="height:${Math.max(2, Math.round((amount / highest) * height))}px"></div>`,
	);
}

function shown(parts: readonly Part[]): readonly Part[] {
	return parts.filter(({ amount }) => amount > 0);
}

function sumOf(parts: readonly Part[]): number {
	return parts.reduce((sum, { amount }) => sum + amount, 0);
}

function decimals(percent: number): number {
	return Number(percent.toFixed(2));
}
