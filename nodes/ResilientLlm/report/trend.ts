import { exactly, money } from '../page/wording';
import type { Totals } from './totals';
import { counted, percent } from './wording';

/** A number in this window and in the window before. */
export interface TrendLine {
	readonly now: number | null;
	readonly before: number | null;
	/** `now` minus `before`; null when one of them is unknown. */
	readonly change: number | null;
	/** The change in percent of `before`; null when that is 0 or unknown. */
	readonly changePercent: number | null;
	/** Describes the change. Null: it is too small, or may be due to chance. */
	readonly sentence: string | null;
}

export interface Trend {
	readonly tasks: TrendLine;
	readonly fallbackRate: TrendLine;
	readonly escalationRate: TrendLine;
	/** Share of failed calls in all calls. */
	readonly failureRate: TrendLine;
	/** 95th percentile of the latency of the tasks that a model answered, in ms. */
	readonly p95LatencyMs: TrendLine;
	readonly costUsd: TrendLine;
}

/**
 * Smallest change of a rate that is reported: 2 percentage points. Smaller ones do not matter, even if they are
 * statistically significant.
 */
const notableRateChange = 0.02;
/** Smallest ratio that is reported, for numbers that are no rates. */
const notableRatio = 1.25;
/** Fewest answers for a 95th percentile: with fewer, it depends on one or two of them. */
const answersForP95 = 20;

export function trendOf(now: Totals, before: Totals): Trend {
	const measure = (
		read: (totals: Totals) => number | null,
		sentence: (from: number, to: number) => string | null,
	): TrendLine => lineOf(read(now), read(before), sentence);
	const rate = (
		read: (totals: Totals) => number | null,
		countOf: (totals: Totals) => number,
		what: string,
	): TrendLine =>
		measure(read, (from, to) =>
			isNotableRate(from, countOf(before), to, countOf(now))
				? `${to > from ? 'More' : 'Fewer'} ${what}: ${percent(to)}, ${percent(from)} before.`
				: null,
		);
	return {
		tasks: measure(
			({ tasks }) => tasks,
			(from, to) =>
				isNotableCount(from, to)
					? `${to > from ? 'More' : 'Fewer'} tasks: ${counted(to, 'task')}, ${from} before.`
					: null,
		),
		fallbackRate: rate(
			({ fallbackRate }) => fallbackRate,
			({ tasks }) => tasks,
			'tasks needed a fallback',
		),
		escalationRate: rate(
			({ escalationRate }) => escalationRate,
			({ tasks }) => tasks,
			'tasks went to a human',
		),
		failureRate: rate(
			({ attempts }) => attempts.failureRate,
			({ attempts }) => attempts.calls,
			'calls failed',
		),
		p95LatencyMs: measure(
			({ latencyMs }) => latencyMs.p95,
			(from, to) =>
				enoughAnswers(now) && enoughAnswers(before) && isNotableRatio(from, to)
					? `${to > from ? 'Slower' : 'Faster'}: 95% of the answers came within ${exactly(to)}, ${exactly(from)} before.`
					: null,
		),
		costUsd: measure(
			({ costUsd }) => costUsd,
			(from, to) =>
				from > 0 && Math.abs(to - from) >= 0.01 && isNotableRatio(from, to)
					? `${to > from ? 'More' : 'Less'} spent: ${money(to)}, ${money(from)} before.`
					: null,
		),
	};
}

function lineOf(
	now: number | null,
	before: number | null,
	sentence: (from: number, to: number) => string | null,
): TrendLine {
	if (now === null || before === null) return { now, before, change: null, changePercent: null, sentence: null };
	const change = tidy(now - before);
	return {
		now,
		before,
		change,
		changePercent: before === 0 ? null : tidy((change / before) * 100),
		sentence: sentence(before, now),
	};
}

/**
 * Whether a rate changed by at least `notableRateChange` and by more than two standard errors, so that chance explains
 * it in less than 1 of 20 cases.
 */
function isNotableRate(from: number, countBefore: number, to: number, countNow: number): boolean {
	const pooled = (from * countBefore + to * countNow) / (countBefore + countNow);
	const chance = Math.sqrt(pooled * (1 - pooled) * (1 / countBefore + 1 / countNow));
	return Math.abs(to - from) >= notableRateChange && Math.abs(to - from) > 2 * chance;
}

/** The same for counts, with `notableRatio`; the standard error is that of two Poisson counts. */
function isNotableCount(from: number, to: number): boolean {
	return isNotableRatio(from, to) && Math.abs(to - from) > 2 * Math.sqrt(from + to);
}

function isNotableRatio(from: number, to: number): boolean {
	return Math.max(from, to) >= notableRatio * Math.min(from, to) && from !== to;
}

function enoughAnswers({ tier1, tier2 }: Totals): boolean {
	return tier1.tasks + tier2.tasks >= answersForP95;
}

function tidy(difference: number): number {
	return Number(difference.toPrecision(9));
}
