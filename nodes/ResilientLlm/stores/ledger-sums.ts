import type { LedgerFacets, LedgerSum } from '../engine/ledger';
import { nanosPerUsd, type LedgerLine } from './ledger-line';

/** Lines that share facet and latency, as far as they were added up. Costs are in billionths of a US dollar. */
export interface LineSum {
	readonly facet: number;
	readonly latencyBucket: number;
	readonly lines: number;
	readonly pricedLines: number;
	readonly cost: number;
	readonly comparedLines: number;
	readonly extraCost: number;
}

export function sumOfLine({ facet, latency_bucket, cost, extra_cost }: Omit<LedgerLine, 'facets'>): LineSum {
	return {
		facet,
		latencyBucket: latency_bucket,
		lines: 1,
		pricedLines: cost === null ? 0 : 1,
		cost: cost ?? 0,
		comparedLines: extra_cost === null ? 0 : 1,
		extraCost: extra_cost ?? 0,
	};
}

/** Adds up sums of parts of a time. */
export function createLedgerSums() {
	const byFacet = new Map<number, Map<number, LineSum>>();

	return {
		add(sum: LineSum): void {
			let byLatency = byFacet.get(sum.facet);
			if (byLatency === undefined) byFacet.set(sum.facet, (byLatency = new Map<number, LineSum>()));
			const before = byLatency.get(sum.latencyBucket);
			byLatency.set(sum.latencyBucket, before === undefined ? sum : together(before, sum));
		},
		/** `facetsOf` gives the facets' JSON. What it does not know was forgotten a moment ago, and is left out. */
		sums(facetsOf: ReadonlyMap<number, string>): readonly LedgerSum[] {
			return [...byFacet].flatMap(([facet, byLatency]) => {
				const json = facetsOf.get(facet);
				if (json === undefined) return [];
				const facets = JSON.parse(json) as LedgerFacets;
				return Array.from(byLatency.values(), (sum) => ledgerSum(facets, sum));
			});
		},
	};
}

function together(one: LineSum, other: LineSum): LineSum {
	return {
		facet: one.facet,
		latencyBucket: one.latencyBucket,
		lines: one.lines + other.lines,
		pricedLines: one.pricedLines + other.pricedLines,
		cost: one.cost + other.cost,
		comparedLines: one.comparedLines + other.comparedLines,
		extraCost: one.extraCost + other.extraCost,
	};
}

function ledgerSum(facets: LedgerFacets, { latencyBucket, lines, pricedLines, cost, comparedLines, extraCost }: LineSum): LedgerSum {
	return { facets, latencyBucket, lines, pricedLines, costUsd: cost / nanosPerUsd, comparedLines, extraCostUsd: extraCost / nanosPerUsd };
}
