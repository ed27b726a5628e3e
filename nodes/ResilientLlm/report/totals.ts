import { roundedUsd } from '../engine/usd';
import { shareOf } from './figures';
import type { Percentiles } from './latency-histogram';
import type { Tier } from './line-tally';
import type { WindowTally } from './window-tally';

/** The tasks that ended in one tier. */
export interface TierTotals {
	readonly tasks: number;
	/** Share of all tasks, from 0 to 1; null when there are no tasks. */
	readonly share: number | null;
	/** From the start of a task to its end, pauses included. */
	readonly latencyMs: Percentiles;
	/** USD of the tasks whose cost is known. */
	readonly costUsd: number;
	/** Tasks whose cost is unknown, because the cost of at least one of their calls is. */
	readonly unpricedTasks: number;
}

export interface Totals {
	readonly tasks: number;
	/** Tasks that the first model answered. */
	readonly tier1: TierTotals;
	/** Tasks that a later model answered. */
	readonly tier2: TierTotals;
	/** Tasks that went to a human. */
	readonly tier3: TierTotals;
	/** Share of tier 2 in all tasks, from 0 to 1; null when there are no tasks. */
	readonly fallbackRate: number | null;
	/** Share of tier 3 in all tasks, from 0 to 1; null when there are no tasks. */
	readonly escalationRate: number | null;
	/** Latency of the tasks that a model answered. */
	readonly latencyMs: Percentiles;
	readonly attempts: {
		/** Answered plus failed calls; skipped models were not called. */
		readonly calls: number;
		readonly answered: number;
		readonly failed: number;
		readonly skipped: number;
		/** Share of failed calls in all calls, from 0 to 1; null when no model was called. */
		readonly failureRate: number | null;
	};
	/** USD of all calls whose cost is known, those of cancelled tasks included. */
	readonly costUsd: number;
	/** Calls whose cost is unknown: they are not in `costUsd`. */
	readonly unpricedLines: number;
	/** `costUsd` divided by the number of tasks that a model answered; null when there are none. */
	readonly costPerAnsweredTaskUsd: number | null;
	readonly fallbacks: {
		/** Tasks of tier 2. */
		readonly tasks: number;
		/** Those whose cost could be compared with what the first model would have cost. */
		readonly comparedTasks: number;
		/**
		 * USD that the compared tasks cost more than the first model would have; negative: less. Null when none was
		 * compared.
		 */
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
