import { html, type Html } from '../../page/html';
import { light } from './style';

/**
 * What a bar stands for: tier 1, 2 or 3, or money. These are class names in the style sheet, which sets the colours.
 */
export type Paint = 't1' | 't2' | 't3' | 'tm';

export interface Part {
	readonly paint: Paint;
	readonly amount: number;
}

/** Colours as attributes, for mail programs that ignore style sheets. */
const fallbackColours: Readonly<Record<Paint, string>> = {
	t1: light.tier1,
	t2: light.tier2,
	t3: light.tier3,
	tm: light.money,
};

/**
 * A bar divided in proportion to the parts; undefined when all are 0. Hidden from screen readers, because the numbers
 * stand beside it.
 */
export function splitBar(parts: readonly Part[]): Html | undefined {
	const whole = sumOf(parts);
	if (whole === 0) return undefined;
	return html`<table class="split" role="presentation" aria-hidden="true"><tr>${shown(parts).map(
		({ paint, amount }) =>
			html`<td class="${paint}" bgcolor="${fallbackColours[paint]}" style="width:${decimals((amount / whole) * 100)}%">&nbsp;</td>`,
	)}</tr></table>`;
}

/**
 * A bar whose length is the share of `amount` in `largest`. Hidden from screen readers, because the number stands
 * beside it.
 */
export function trackBar(paint: Paint, amount: number, largest: number): Html {
	return html`<div class="track" aria-hidden="true"><div class="${paint}" style="width:${decimals(largest === 0 ? 0 : (amount / largest) * 100)}%"></div></div>`;
}

export interface ChartColumn {
	/** Label for screen readers and tooltips, such as "14:00 to 15:00: 12 tasks". */
	readonly words: string;
	/** From the top down. */
	readonly parts: readonly Part[];
}

export interface ColumnChart {
	readonly title: Html;
	readonly columns: readonly ChartColumn[];
	/** Height of the highest column, in pixels. */
	readonly height: number;
	/** Labels below the columns, from the left. Each spans the same number of columns; the last may span fewer. */
	readonly axis?: readonly string[];
}

/** A column chart made of an HTML table, because mail programs show no SVG. */
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
