import { roundedUsd } from '../engine/usd';
import type { LedgerSum } from '../engine/store/ledger';
import type { ReasonCode } from '../engine/outcome';
import { FailureTally } from './failures';

import { GroupTally, type GroupBy } from './groups';
import { CallTally, TaskTally } from './line-tally';
import type { TimeSpan } from './report-window';

/** One slice of the window, for charts. */
export interface SeriesPoint {
	/** ISO 8601, UTC. */
	readonly from: string;
	readonly to: string;
	readonly tasks: number;
	readonly tier1: number;
	readonly tier2: number;
	readonly tier3: number;
	readonly failedCalls: number;
	/** USD of the calls whose cost is known. */
	readonly costUsd: number;
	readonly unpricedCalls: number;
}

/** The sums of one window. It is added up slice by slice, so that only one slice has to be in memory. */
export class WindowTally {
	readonly tasks = new TaskTally();
	readonly calls = new CallTally();
	readonly failures = new FailureTally();
	readonly skips = new FailureTally();
	readonly escalations = new Map<ReasonCode, number>();
	readonly groups: GroupTally;
	readonly series: SeriesPoint[] = [];
	/** The name in the newest line; names of workflows change. */
	workflowName = '';

	constructor(groupBy: GroupBy) {
		this.groups = new GroupTally(groupBy);
	}

	addSlice(slice: TimeSpan, sums: readonly LedgerSum[]): void {
		const tasks = new TaskTally();
		const calls = new CallTally();
		for (const sum of sums) {
			this.add(sum);
			if (sum.facets.kind === 'task') tasks.add(sum.facets.tier, sum);
			else calls.add(sum.facets.outcome, sum);
		}
		this.series.push(pointOf(slice, tasks, calls));
	}

	private add(sum: LedgerSum): void {
		const { facets } = sum;
		this.workflowName = facets.workflowName;
		this.groups.add(sum);
		if (facets.kind === 'task') {
			this.tasks.add(facets.tier, sum);
			const { reasonCode } = facets;
			if (reasonCode !== null) this.escalations.set(reasonCode, (this.escalations.get(reasonCode) ?? 0) + sum.lines);
			return;
		}
		this.calls.add(facets.outcome, sum);
		if (facets.outcome === 'failed') this.failures.add(facets, sum.lines);
		if (facets.outcome === 'skipped') this.skips.add(facets, sum.lines);
	}
}

function pointOf({ from, to }: TimeSpan, tasks: TaskTally, calls: CallTally): SeriesPoint {
	return {
		from: new Date(from).toISOString(),
		to: new Date(to).toISOString(),
		tasks: tasks.count,
		tier1: tasks[1].lines,
		tier2: tasks[2].lines,
		tier3: tasks[3].lines,
		failedCalls: calls.failed.lines,
		costUsd: roundedUsd(calls.costUsd),
		unpricedCalls: calls.unpriced,
	};
}
