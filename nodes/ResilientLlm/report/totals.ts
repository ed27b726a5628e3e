import { roundedUsd } from '../engine/usd';
import { shareOf } from './figures';
import type { Percentiles } from './latency-histogram';
import type { Tier } from './line-tally';
import type { WindowTally } from './window-tally';

/** The tasks that ended in one tier. */
export interface TierTotals {
	readonly tasks: number;
	/** Of all tasks, 0 to 1; null when there are none. */
	readonly share: number | null;
	/** From the start of a task to its end, pauses included. */
	readonly latencyMs: Percentiles;
	/** USD of the tasks whose cost is known. */
	readonly costUsd: number;
	/** Tasks whose cost is unknown, because that of one of their calls is. */
	readonly unpricedTasks: number;
}

export interface Totals {
	readonly tasks: number;
	/** The first model answered. */
	readonly tier1: TierTotals;
	/** A later one did. */
	readonly tier2: TierTotals;
	/** A human has to. */
	readonly tier3: TierTotals;
	/** Tier 2 of all tasks, 0 to 1; null when there are none. */
	readonly fallbackRate: number | null;
	/** Tier 3 of all tasks, 0 to 1; null when there are none. */
	readonly escalationRate: number | null;
	/** Of the tasks that a model answered. */
	readonly latencyMs: Percentiles;
	readonly attempts: {
		/** Answered and failed; skipped ones were not called. */
		readonly calls: number;
		readonly answered: number;
		readonly failed: number;
		readonly skipped: number;
		/** Failed of called, 0 to 1; null when no model was called. */
		readonly failureRate: number | null;
	};
	/** USD of all calls whose cost is known, those of cancelled tasks included. */
	readonly costUsd: number;
	/** Calls whose cost is unknown: they are not in `costUsd`. */
	readonly unpricedLines: number;
	/** `costUsd` for each task that a model answered; null when there are none. */
	readonly costPerAnsweredTaskUsd: number | null;
	readonly fallbacks: {
		/** Tier 2. */
		readonly tasks: number;
		/** Those whose cost could be compared with that of the first model. */
		readonly comparedTasks: number;
		/** What these cost more than the first model would have, in USD; below zero: less. Null when none was compared. */
		readonly extraCostUsd: number | null;
	};
}

export function totalsOf(window: WindowTally): Totals {
	const { tasks, calls } = window;
	const fallback = tasks[2];
	const costPerAnswered = shareOf(calls.costUsd, tasks[1].lines + fallback.lines);
	return {
		tasks: tasks.count,
		tier1: tierOf(window, 1),
		tier2: tierOf(window, 2),
		tier3: tierOf(window, 3),
		fallbackRate: shareOf(fallback.lines, tasks.count),
		escalationRate: shareOf(tasks[3].lines, tasks.count),
		latencyMs: tasks.answeredLatency().percentiles(),
		attempts: {
			calls: calls.calls,
			answered: calls.answered.lines,
			failed: calls.failed.lines,
			skipped: calls.skipped.lines,
			failureRate: shareOf(calls.failed.lines, calls.calls),
		},
		costUsd: roundedUsd(calls.costUsd),
		unpricedLines: calls.unpriced,
		costPerAnsweredTaskUsd: costPerAnswered === null ? null : roundedUsd(costPerAnswered),
		fallbacks: {
			tasks: fallback.lines,
			comparedTasks: fallback.compared,
			extraCostUsd: fallback.compared === 0 ? null : roundedUsd(fallback.extraCostUsd),
		},
	};
}

function tierOf({ tasks }: WindowTally, tier: Tier): TierTotals {
	const { lines, latency, costUsd, unpriced } = tasks[tier];
	return {
		tasks: lines,
		share: shareOf(lines, tasks.count),
		latencyMs: latency.percentiles(),
		costUsd: roundedUsd(costUsd),
		unpricedTasks: unpriced,
	};
}
