import { tierOfStep } from '../tier';
import type { Attempt } from '../attempt';
import type { EpochMs } from '../clock';
import type { Usage } from '../completion';
import type { FailureReason } from '../failure';
import { latencyBucketOf } from './latency-bucket';
import type { Outcome, ReasonCode } from '../outcome';

/** Where a task was run. Names are those of the time of the run. */
interface Place {
	readonly workflowId: string;
	readonly workflowName: string;
	readonly nodeId: string;
	readonly nodeName: string;
}

/** Names are cut to this many characters: they come from users and servers, and each new one is stored. */
const longestName = 200;

/** What tells lines of the ledger apart, other than time and numbers. Names only: no prompt, no answer, no task ID. */
export type LedgerFacets =
	/** A task that ended: tier 1 and 2 answered it, tier 3 is a human. */
	| (Place & { readonly kind: 'task'; readonly tier: 1 | 2 | 3; readonly reasonCode: ReasonCode | null })
	/** A call to a model, or a model passed over. Tier 1 is the first step. */
	| (Place & {
			readonly kind: 'attempt';
			readonly tier: 1 | 2;
			readonly provider: string;
			/** As asked for. */
			readonly model: string;
			readonly outcome: Attempt['outcome'];
			/** Null: it answered. */
			readonly reason: FailureReason | null;
			/** Null: it answered, or no reply came. */
			readonly httpStatus: number | null;
	  });

/** One line of the ledger. It gets its instant from the store's clock. */
export interface LedgerEntry {
	readonly facets: LedgerFacets;
	/** See `latencyBucketOf`. A task's latency runs from its start to its end, pauses included. */
	readonly latencyBucket: number;
	/** USD; null: unknown. */
	readonly costUsd: number | null;
	/**
	 * Of a task that a later step answered: USD that its answer cost more than the first step's model would have asked
	 * for the same tokens; below zero, it cost less. Null: unknown, or not such a task.
	 */
	readonly extraCostUsd: number | null;
}

export interface LedgerQuery {
	/** Whole minutes, for stores keep no finer time. Inclusive. */
	readonly from: EpochMs;
	/** Whole minutes. Exclusive. */
	readonly to: EpochMs;
}

/** All lines of a time that share facets, as sums. */
export interface LedgerSum {
	readonly facets: LedgerFacets;
	readonly lines: number;
	/** Lines by latency bucket. */
	readonly latencies: ReadonlyMap<number, number>;
	/** Lines whose cost is known, and the USD of these. */
	readonly pricedLines: number;
	readonly costUsd: number;
	/** Lines whose extra cost is known, and the USD of these. */
	readonly comparedLines: number;
	readonly extraCostUsd: number;
}

/** What has happened, in numbers that outlive the records of the tasks. */
export interface Ledger {
	/** In no particular order. Asked for a long time it takes long: ask for slices of it. */
	tally(query: LedgerQuery): Promise<readonly LedgerSum[]>;
}

/** What a run adds to the ledger. */
export interface RunNumbers {
	/** Null: it ended without a result, as a cancelled one does; its calls count all the same. */
	readonly end: {
		readonly tier: 1 | 2 | 3;
		readonly reasonCode: ReasonCode | null;
		readonly latencyMs: number;
		readonly costUsd: number | null;
		readonly extraCostUsd: number | null;
	} | null;
	readonly attempts: readonly Attempt[];
}

/** See `LedgerEntry.extraCostUsd`. `firstStepPrice`: USD that the first step's model would ask for these tokens. */
export function extraCostOf(
	outcome: Extract<Outcome, { kind: 'answered' }>,
	firstStepPrice: (usage: Usage) => number | null,
): number | null {
	const { usage } = outcome.completion;
	const costUsd = outcome.attempts.findLast((attempt) => attempt.outcome === 'answered')?.costUsd ?? null;
	if (outcome.step === 1 || usage === undefined || costUsd === null) return null;
	const firstCostUsd = firstStepPrice(usage);
	return firstCostUsd === null ? null : costUsd - firstCostUsd;
}

/** The lines of one run: one for each attempt, and one for the task. */
export function ledgerEntries(origin: Place, { end, attempts }: RunNumbers): readonly LedgerEntry[] {
	const { workflowId, workflowName, nodeId, nodeName } = origin;
	const place: Place = {
		workflowId: cut(workflowId),
		workflowName: cut(workflowName),
		nodeId: cut(nodeId),
		nodeName: cut(nodeName),
	};
	const calls = attempts.map((attempt) => attemptEntry(place, attempt));
	if (end === null) return calls;
	const { tier, reasonCode, latencyMs, costUsd, extraCostUsd } = end;
	return [
		...calls,
		{
			facets: { ...place, kind: 'task', tier, reasonCode },
			latencyBucket: latencyBucketOf(latencyMs),
			costUsd,
			extraCostUsd,
		},
	];
}

function attemptEntry(place: Place, attempt: Attempt): LedgerEntry {
	const { step, provider, model, outcome, latencyMs, costUsd } = attempt;
	const failure =
		attempt.outcome === 'answered'
			? { reason: null, httpStatus: null }
			: { reason: attempt.reason, httpStatus: attempt.httpStatus ?? null };
	return {
		facets: {
			...place,
			kind: 'attempt',
			tier: tierOfStep(step),
			provider: cut(provider),
			model: cut(model),
			outcome,
			...failure,
		},
		latencyBucket: latencyBucketOf(latencyMs),
		costUsd,
		extraCostUsd: null,
	};
}

function cut(name: string): string {
	if (name.length <= longestName) return name;
	// A character may be two code units, which belong together.
	return `${Array.from(name.slice(0, longestName * 2))
		.slice(0, longestName - 1)
		.join('')}…`;
}
