import type { Ledger, LedgerEntry, LedgerFacets, LedgerSum } from '../../nodes/ResilientLlm/engine/store/ledger';

const place = { workflowId: 'wf1', workflowName: 'Support mail', nodeId: 'n1', nodeName: 'Resilient LLM' };

type Numbers = Partial<Pick<LedgerEntry, 'latencyBucket' | 'costUsd' | 'extraCostUsd'>>;

export function callLine({
	model = 'claude-haiku-5-5',
	latencyBucket = 170,
	costUsd = 0.001,
	extraCostUsd = null,
}: { model?: string } & Numbers = {}): LedgerEntry {
	return {
		facets: {
			...place,
			kind: 'attempt',
			tier: 1,
			provider: 'anthropic',
			model,
			outcome: 'answered',
			reason: null,
			httpStatus: null,
		},
		latencyBucket,
		costUsd,
		extraCostUsd,
	};
}

export function taskLine({ latencyBucket = 180, costUsd = 0.001, extraCostUsd = null }: Numbers = {}): LedgerEntry {
	return { facets: { ...place, kind: 'task', tier: 1, reasonCode: null }, latencyBucket, costUsd, extraCostUsd };
}

/** How many lines of a kind the ledger holds. */
export async function linesOf(ledger: Ledger, kind: LedgerFacets['kind']): Promise<number> {
	const sums = await ledger.tally({ from: 0, to: Number.MAX_SAFE_INTEGER });
	return sums.filter(({ facets }) => facets.kind === kind).reduce((lines, sum) => lines + sum.lines, 0);
}

export function nanosOf(usd: number): number {
	return Math.round(usd * 1e9) + 0;
}

/**
 * One sum for each line: what a ledger without any cleverness would say. Costs are rounded to billionths of a dollar.
 */
export function plainSums(entries: readonly LedgerEntry[]): readonly LedgerSum[] {
	return entries.map(({ facets, latencyBucket, costUsd, extraCostUsd }) => ({
		facets,
		lines: 1,
		latencies: new Map([[latencyBucket, 1]]),
		pricedLines: costUsd === null ? 0 : 1,
		costUsd: nanosOf(costUsd ?? 0) / 1e9,
		comparedLines: extraCostUsd === null ? 0 : 1,
		extraCostUsd: nanosOf(extraCostUsd ?? 0) / 1e9,
	}));
}
