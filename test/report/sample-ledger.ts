import type { Attempt } from '../../nodes/ResilientLlm/engine/attempt';
import type { EpochMs } from '../../nodes/ResilientLlm/engine/clock';
import type { FailureReason } from '../../nodes/ResilientLlm/engine/failure';
import {
	ledgerEntries,
	type Ledger,
	type LedgerEntry,
	type LedgerQuery,
	type LedgerSum,
	type RunNumbers,
} from '../../nodes/ResilientLlm/engine/store/ledger';
import type { ReasonCode } from '../../nodes/ResilientLlm/engine/outcome';
import type { ReportRequest } from '../../nodes/ResilientLlm/report/report';

export const place = { workflowId: 'w1', workflowName: 'Support inbox', nodeId: 'n1', nodeName: 'Answer the ticket' };

/** A ledger in memory that sums as the port says. */
export class SampleLedger implements Ledger {
	readonly queries: LedgerQuery[] = [];
	private readonly lines: { readonly at: EpochMs; readonly entry: LedgerEntry }[] = [];

	add(at: EpochMs, run: RunNumbers, where = place): this {
		for (const entry of ledgerEntries(where, run)) this.lines.push({ at: Math.floor(at / 60_000) * 60_000, entry });
		return this;
	}

	get entries(): readonly LedgerEntry[] {
		return this.lines.map(({ entry }) => entry);
	}

	async tally(query: LedgerQuery): Promise<readonly LedgerSum[]> {
		this.queries.push(query);
		const sums = new Map<string, LedgerSum>();
		for (const { at, entry } of this.lines) {
			if (at < query.from || at >= query.to) continue;
			const { facets, latencyBucket, costUsd, extraCostUsd } = entry;
			const key = JSON.stringify(facets);
			const sum = sums.get(key) ?? {
				facets,
				lines: 0,
				latencies: new Map<number, number>(),
				pricedLines: 0,
				costUsd: 0,
				comparedLines: 0,
				extraCostUsd: 0,
			};
			sums.set(key, {
				...sum,
				lines: sum.lines + 1,
				latencies: new Map(sum.latencies).set(latencyBucket, (sum.latencies.get(latencyBucket) ?? 0) + 1),
				pricedLines: sum.pricedLines + (costUsd === null ? 0 : 1),
				costUsd: sum.costUsd + (costUsd ?? 0),
				comparedLines: sum.comparedLines + (extraCostUsd === null ? 0 : 1),
				extraCostUsd: sum.extraCostUsd + (extraCostUsd ?? 0),
			});
		}
		return [...sums.values()];
	}
}

export interface SampleCall {
	readonly step?: number;
	readonly provider?: string;
	readonly model?: string;
	readonly outcome?: Attempt['outcome'];
	readonly reason?: FailureReason;
	readonly httpStatus?: number;
	readonly latencyMs?: number;
	readonly costUsd?: number | null;
}

export function call({
	step = 1,
	provider = 'anthropic',
	model = 'claude-haiku-5-5',
	outcome = 'answered',
	reason = 'overloaded',
	httpStatus,
	latencyMs = 1000,
	costUsd = outcome === 'answered' ? 0.001 : 0,
}: SampleCall = {}): Attempt {
	const facts = { attempt: 1, step, stepAttempt: 1, provider, model, startedAt: '', latencyMs, waitMs: 0, costUsd };
	return outcome === 'answered'
		? { ...facts, outcome }
		: { ...facts, outcome, reason, message: 'm', ...(httpStatus !== undefined && { httpStatus }) };
}

/** A run whose task costs what its calls do. */
export function run(
	tier: 1 | 2 | 3,
	calls: readonly Attempt[],
	{ latencyMs = 1200, extraCostUsd = null as number | null, reasonCode = 'all_models_failed' as ReasonCode } = {},
): RunNumbers {
	const costUsd = calls.some((each) => each.costUsd === null)
		? null
		: calls.reduce((sum, each) => sum + (each.costUsd ?? 0), 0);
	return {
		end: { tier, reasonCode: tier === 3 ? reasonCode : null, latencyMs, costUsd, extraCostUsd },
		attempts: calls,
	};
}

export const now = Date.parse('2026-11-20T13:04:30Z');
export const minute = 60_000;
export const hour = 60 * minute;

/** The report with the node's own defaults. */
export function requestOn(ledger: Ledger, more: Partial<ReportRequest> = {}): ReportRequest {
	return {
		ledger,
		now,
		minutes: 24 * 60,
		groupBy: 'model',
		workflowId: '',
		timeZone: 'UTC',
		pause: async () => {},
		thresholds: { maxFallbackRate: 20, maxEscalationRate: 5, maxCostUsd: 0, minimumTasks: 10 },
		...more,
	};
}
