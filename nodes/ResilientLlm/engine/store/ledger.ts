import { tierOfStep } from '../tier';
import type { Attempt } from '../attempt';
import type { EpochMs } from '../clock';
import type { Usage } from '../completion';
import type { FailureReason } from '../failure';
import { latencyBucketOf } from './latency-bucket';
import type { Outcome, ReasonCode } from '../outcome';

/** Where a task ran. Names are those of the time of the run. */
interface Place {
	readonly workflowId: string;
	readonly workflowName: string;
	readonly nodeId: string;
	readonly nodeName: string;
}

/** Longer names are cut to this many characters: they come from users and servers, and each new one is stored. */
const longestName = 200;

/** What distinguishes ledger lines besides time and numbers. Names only: no prompt, no answer, no task ID. */
export type LedgerFacets =
	/** A finished task. Tier 1 or 2: a model answered it; tier 3: it went to a human. */
	| (Place & { readonly kind: 'task'; readonly tier: 1 | 2 | 3; readonly reasonCode: ReasonCode | null })
	/** A call to a model, or a skipped step. Tier 1 is the first step. */
	| (Place & {
			readonly kind: 'attempt';
			readonly tier: 1 | 2;
			readonly provider: string;
			/** The model that was requested. */
			readonly model: string;
			readonly outcome: Attempt['outcome'];
			/** Null: it answered. */
			readonly reason: FailureReason | null;
			/** Null: it answered, or no reply came. */
			readonly httpStatus: number | null;
	  });

/** One line of the ledger. The store adds the time, by its own clock. */
export interface LedgerEntry {
	readonly facets: LedgerFacets;
	/** See `latencyBucketOf`. A task's latency runs from its start to its end, pauses included. */
	readonly latencyBucket: number;
	/** USD; null: unknown. */
	readonly costUsd: number | null;
	/**
	 * For a task that a later step answered: USD that its answer cost more than the same tokens would have cost at the
	 * first step's model; negative: less. Null: unknown, or not such a task.
	 */
	readonly extraCostUsd: number | null;
}

export interface LedgerQuery {
	/** Start, inclusive. A whole minute, because stores keep no finer time. */
	readonly from: EpochMs;
	/** End, exclusive. A whole minute. */
	readonly to: EpochMs;
}

/** The sums of all ledger lines of a time range with the same facets. */
export interface LedgerSum {
	readonly facets: LedgerFacets;
	readonly lines: number;
	/** Number of lines per latency bucket. */
	readonly latencies: ReadonlyMap<number, number>;
	/** Number of lines whose cost is known; `costUsd` is the sum of their costs. */
	readonly pricedLines: number;
	readonly costUsd: number;
	/** Number of lines whose extra cost is known; `extraCostUsd` is the sum of their extra costs. */
	readonly comparedLines: number;
	readonly extraCostUsd: number;
}

/** Statistics that are kept longer than the records of the tasks. */
export interface Ledger {
	/** Sums up a time range, in no particular order. Long ranges are slow: query them in slices. */
	tally(query: LedgerQuery): Promise<readonly LedgerSum[]>;
}

/** What a run adds to the ledger. */
export interface RunNumbers {
	/** Null: the run ended without a result, such as a cancelled one. Its calls are counted all the same. */
	readonly end: {
		readonly tier: 1 | 2 | 3;
		readonly reasonCode: ReasonCode | null;
		readonly latencyMs: number;
		readonly costUsd: number | null;
		readonly extraCostUsd: number | null;
	} | null;
	readonly attempts: readonly Attempt[];
}

/** See `LedgerEntry.extraCostUsd`. `firstStepPrice`: USD of these tokens at the first step's model; null: unknown. */
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
	// Cut by code points, so that no surrogate pair is split.
	return `${Array.from(name.slice(0, longestName * 2))
		.slice(0, longestName - 1)
		.join('')}…`;
}
