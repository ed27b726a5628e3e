import { html, type Html } from '../../page/html';
import { clockTimeIn, dayAndTimeIn, money } from '../../page/wording';
import type { Report } from '../report';
import type { SeriesPoint } from '../window-tally';
import { counted, spanWords } from '../wording';
import { columnChart, type Part } from './bars';

const labels = 6;
const day = 86_400_000;

/** Charts of tasks, failed calls and cost over the slices of the window. */
export function timeline({ series, totals, window }: Report, timeZone: string): Html {
	const when = (point: SeriesPoint) =>
		`${dayAndTimeIn(timeZone, Date.parse(point.from))} to ${clock(timeZone, point.to)}`;
	const columnsOf = (parts: (point: SeriesPoint) => readonly Part[], words: (point: SeriesPoint) => string) =>
		series.map((point) => ({ parts: parts(point), words: `${when(point)}: ${words(point)}` }));
	const each = spanWords(Math.round((window.hours * 60) / series.length));
	const axis = axisOf(series, timeZone);
	return html`<section class="card">
${columnChart({
	title: html`<h2>Over time</h2><p>Tasks, at most ${counted(Math.max(...series.map(({ tasks }) => tasks)), 'task')} per ${each}</p>`,
	height: 120,
	columns: columnsOf(
		taskParts,
		({ tier1, tier2, tier3 }) =>
			`${counted(tier1, 'task')} by the first model, ${tier2} by a fallback, ${tier3} to a human`,
	),
	axis,
})}
<p class="key note"><span><span class="swatch t1"></span>First model</span> <span><span class="swatch t2"></span>Fallback</span> <span><span class="swatch t3"></span>A human</span></p>
${
	totals.attempts.failed > 0 &&
	columnChart({
		title: html`<p>Failed calls, at most ${Math.max(...series.map(({ failedCalls }) => failedCalls))} per ${each}</p>`,
		height: 44,
		columns: columnsOf(
			({ failedCalls }) => [{ paint: 't3', amount: failedCalls }],
			({ failedCalls }) => counted(failedCalls, 'failed call'),
		),
		axis,
	})
}
${
	totals.costUsd > 0 &&
	columnChart({
		title: html`<p>Cost, at most ${money(Math.max(...series.map(({ costUsd }) => costUsd)))} per ${each}</p>`,
		height: 44,
		columns: columnsOf(
			({ costUsd }) => [{ paint: 'tm', amount: costUsd }],
			({ costUsd }) => money(costUsd),
		),
		axis,
	})
}
</section>`;
}

function taskParts({ tier1, tier2, tier3 }: SeriesPoint): readonly Part[] {
	return [
		{ paint: 't3', amount: tier3 },
		{ paint: 't2', amount: tier2 },
		{ paint: 't1', amount: tier1 },
	];
}

/** Labels for the axis: times of day, or dates if the window is longer than two days. */
function axisOf(series: readonly SeriesPoint[], timeZone: string): readonly string[] {
	const step = Math.ceil(series.length / labels);
	const length = Date.parse(series.at(-1)?.to ?? '') - Date.parse(series[0]?.from ?? '');
	const label = (from: string) =>
		length > 2 * day ? (dayAndTimeIn(timeZone, Date.parse(from)).split(',')[0] ?? '') : clock(timeZone, from);
	return series.filter((_, index) => index % step === 0).map(({ from }) => label(from));
}

/** For example "14:05". */
function clock(timeZone: string, instant: string): string {
	return clockTimeIn(timeZone, Date.parse(instant)).slice(0, 5);
}
