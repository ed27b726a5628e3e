import type { LedgerFacets, LedgerSum } from '../engine/ledger';
import { nanosPerUsd, type LedgerLine } from './ledger-line';

/** Grows line by line. Until all are added its costs are in billionths of a US dollar, and its facets are not known. */
type GrowingSum = { -readonly [Name in keyof LedgerSum]: Name extends 'facets' ? LedgerFacets | undefined : LedgerSum[Name] };

/** Lines that share facet and latency, added up. A million of them pass through here for one report, so few objects are made. */
export function createLedgerSums() {
	const byFacet = new Map<number, Map<number, GrowingSum>>();

	return { add, addLine, sums };

	/** Costs in billionths of a US dollar. */
	function add(facet: number, latencyBucket: number, lines: number, pricedLines: number, cost: number, comparedLines: number, extraCost: number): void {
		let byLatency = byFacet.get(facet);
		if (byLatency === undefined) byFacet.set(facet, (byLatency = new Map<number, GrowingSum>()));
		const sum = byLatency.get(latencyBucket);
		if (sum === undefined) {
			byLatency.set(latencyBucket, { facets: undefined, latencyBucket, lines, pricedLines, costUsd: cost, comparedLines, extraCostUsd: extraCost });
			return;
		}
		sum.lines += lines;
		sum.pricedLines += pricedLines;
		sum.costUsd += cost;
		sum.comparedLines += comparedLines;
		sum.extraCostUsd += extraCost;
	}

	function addLine({ facet, latency_bucket, cost, extra_cost }: Omit<LedgerLine, 'facets'>): void {
		add(facet, latency_bucket, 1, cost === null ? 0 : 1, cost ?? 0, extra_cost === null ? 0 : 1, extra_cost ?? 0);
	}

	/** To be called once. `facetsOf` gives the facets' JSON. What it does not know was forgotten a moment ago, and is left out. */
	function sums(facetsOf: ReadonlyMap<number, string>): readonly LedgerSum[] {
		const all: LedgerSum[] = [];
		for (const [facet, byLatency] of byFacet) {
			const json = facetsOf.get(facet);
			if (json === undefined) continue;
			const facets = JSON.parse(json) as LedgerFacets;
			for (const sum of byLatency.values()) {
				sum.costUsd /= nanosPerUsd;
				sum.extraCostUsd /= nanosPerUsd;
				all.push(Object.assign(sum, { facets }));
			}
		}
		return all;
	}
}
