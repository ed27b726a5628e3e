import type { Attempt } from '../engine/attempt';
import type { LedgerFacets, LedgerSum } from '../engine/store/ledger';
import { LatencyHistogram } from './latency-histogram';

export type Tier = 1 | 2 | 3;
export type TaskFacets = Extract<LedgerFacets, { kind: 'task' }>;
export type AttemptFacets = Extract<LedgerFacets, { kind: 'attempt' }>;

/** A sum of ledger lines. */
export class LineTally {
	lines = 0;
	/** Lines whose cost is unknown; `costUsd` is the sum over the others. */
	unpriced = 0;
	costUsd = 0;
	/** Lines whose extra cost is known; `extraCostUsd` is the sum over these. */
	compared = 0;
	extraCostUsd = 0;
	readonly latency = new LatencyHistogram();

	add(sum: LedgerSum): void {
		this.lines += sum.lines;
		this.unpriced += sum.lines - sum.pricedLines;
		this.costUsd += sum.costUsd;
		this.compared += sum.comparedLines;
		this.extraCostUsd += sum.extraCostUsd;
		for (const [bucket, lines] of sum.latencies) this.latency.add(bucket, lines);
	}
}

/** Sums of tasks by the tier that ended them (1: first model, 2: fallback, 3: human). */
export class TaskTally {
	readonly 1 = new LineTally();
	readonly 2 = new LineTally();
	readonly 3 = new LineTally();

	add(tier: Tier, sum: LedgerSum): void {
		this[tier].add(sum);
	}

	get count(): number {
		return this[1].lines + this[2].lines + this[3].lines;
	}

	/** Latencies of the tasks that a model answered. */
	answeredLatency(): LatencyHistogram {
		return new LatencyHistogram().addAll(this[1].latency).addAll(this[2].latency);
	}
}

/** Sums of calls to models, and of models that were skipped, by outcome. */
export class CallTally {
	readonly answered = new LineTally();
	readonly failed = new LineTally();
	readonly skipped = new LineTally();

	add(outcome: Attempt['outcome'], sum: LedgerSum): void {
		this[outcome].add(sum);
	}

	get calls(): number {
		return this.answered.lines + this.failed.lines;
	}

	get costUsd(): number {
		return this.answered.costUsd + this.failed.costUsd;
	}

	get unpriced(): number {
		return this.answered.unpriced + this.failed.unpriced;
	}
}
