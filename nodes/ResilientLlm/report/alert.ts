import { dayAndTimeIn, money } from '../page/wording';
import type { Totals } from './totals';
import { counted, number, percent, percentPast } from './wording';
import type { SeriesPoint } from './window-tally';

export interface Thresholds {
	/** In percent of all tasks. An alert is raised when the rate is above this. */
	readonly maxFallbackRate: number;
	readonly maxEscalationRate: number;
	/** USD in the window; 0: no limit. */
	readonly maxCostUsd: number;
	/** With fewer tasks than this, rates raise no alert, because they say little. */
	readonly minimumTasks: number;
}

export interface Watched {
	readonly now: Totals;
	readonly before: Totals;
	readonly series: readonly SeriesPoint[];
	/** Length of the window in words, such as "24 hours". */
	readonly span: string;
	readonly timeZone: string;
}

/** A threshold that was exceeded. */
export interface Alert {
	readonly of: 'tasks' | 'cost';
	/**
	 * A part of a sentence. For tasks it follows "of 600 tasks in the last 24 hours": "22% needed a fallback". For cost
	 * it stands alone: "$5.20 was spent".
	 */
	readonly short: string;
	/** A few sentences: the value, the limit, the value in the window before, and since when. */
	readonly reason: string;
}

/** The thresholds that were exceeded. */
export function alertsOf(watched: Watched, thresholds: Thresholds): readonly Alert[] {
	const { maxFallbackRate, maxEscalationRate, maxCostUsd, minimumTasks } = thresholds;
	const { tasks, tier2, tier3 } = watched.now;
	const enough = tasks >= minimumTasks;
	return [
		enough &&
			isAbove(tier2.tasks, tasks, maxFallbackRate) &&
			rateAlert(
				watched,
				'needed a fallback',
				tier2.tasks,
				maxFallbackRate,
				watched.before.fallbackRate,
				(point) => point.tier2,
			),
		enough &&
			isAbove(tier3.tasks, tasks, maxEscalationRate) &&
			rateAlert(
				watched,
				'went to a human',
				tier3.tasks,
				maxEscalationRate,
				watched.before.escalationRate,
				(point) => point.tier3,
			),
		maxCostUsd > 0 && watched.now.costUsd > maxCostUsd && costAlert(watched, maxCostUsd),
	].filter((alert) => alert !== false);
}

/** Whether a rate is above its threshold, regardless of `minimumTasks`. */
export function isRateTooHigh(
	{ tasks, tier2, tier3 }: Totals,
	{ maxFallbackRate, maxEscalationRate }: Thresholds,
): boolean {
	return isAbove(tier2.tasks, tasks, maxFallbackRate) || isAbove(tier3.tasks, tasks, maxEscalationRate);
}

function isAbove(count: number, tasks: number, maxPercent: number): boolean {
	return count * 100 > maxPercent * tasks;
}

function rateAlert(
	{ now, series, span, timeZone }: Watched,
	what: string,
	count: number,
	limit: number,
	before: number | null,
	countOf: (point: SeriesPoint) => number,
): Alert {
	const since = sinceWhen(series, countOf);
	const rate = percentPast(count / now.tasks, limit);
	const sentences = [
		`${rate} of the tasks ${what} (${number(count)} of ${number(now.tasks)}); the limit is ${limit}%.`,
		before === null ? `There were no tasks in the ${span} before.` : `In the ${span} before it was ${percent(before)}.`,
		since !== undefined && `Nine in ten of them came after ${dayAndTimeIn(timeZone, Date.parse(since.from))}.`,
	];
	return { of: 'tasks', short: `${rate} ${what}`, reason: joined(sentences) };
}

function costAlert({ now, before, span }: Watched, limit: number): Alert {
	const spent = `${money(now.costUsd)} was spent`;
	const sentences = [
		`${spent}; the limit is ${money(limit)}.`,
		now.unpricedLines > 0 && `The cost of ${counted(now.unpricedLines, 'call')} is not known and comes on top.`,
		`In the ${span} before it was ${money(before.costUsd)}.`,
	];
	return { of: 'cost', short: spent, reason: joined(sentences) };
}

function joined(sentences: ReadonlyArray<string | false>): string {
	return sentences.filter((sentence) => sentence !== false).join(' ');
}

/**
 * The latest slice such that it and those after it contain 90% of all; undefined when it is in the first quarter of the
 * window.
 */
function sinceWhen(series: readonly SeriesPoint[], countOf: (point: SeriesPoint) => number): SeriesPoint | undefined {
	const total = series.reduce((sum, point) => sum + countOf(point), 0);
	let later = 0;
	const index = series.findLastIndex((point) => (later += countOf(point)) >= 0.9 * total);
	return index > series.length / 4 ? series[index] : undefined;
}
