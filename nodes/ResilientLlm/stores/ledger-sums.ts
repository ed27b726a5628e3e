import type { LedgerFacets, LedgerSum } from '../engine/store/ledger';
import { nanosPerUsd, type LedgerLine } from './ledger-line';

/**
 * A sum to which lines are added. Until `sums` is called, its costs are in billionths of a US dollar, not in US
 * dollars.
 */
interface GrowingSum extends Omit<{ -readonly [Name in keyof LedgerSum]: LedgerSum[Name] }, 'facets'> {
	readonly latencies: Map<number, number>;
}

/** Adds up ledger lines by facet. */
export function createLedgerSums() {
	const byFacet = new Map<number, GrowingSum>();

	return { add, addLine, sums };

	/**
	 * Adds a sum of lines. Costs are in billionths of a US dollar. `latencies`: the text that the statement `tally` in
	 * `sql/statements.ts` makes.
	 */
	function add(
		facet: number,
		lines: number,
		pricedLines: number,
		cost: number,
		comparedLines: number,
		extraCost: number,
		latencies: string,
	): void {
		readLatencies(latencies, addNumbers(facet, lines, pricedLines, cost, comparedLines, extraCost).latencies);
	}

	function addLine({ facet, latency_bucket, cost, extra_cost }: Omit<LedgerLine, 'facets'>): void {
		const { latencies } = addNumbers(
			facet,
			1,
			cost === null ? 0 : 1,
			cost ?? 0,
			extra_cost === null ? 0 : 1,
			extra_cost ?? 0,
		);
		latencies.set(latency_bucket, (latencies.get(latency_bucket) ?? 0) + 1);
	}

	function addNumbers(
		facet: number,
		lines: number,
		pricedLines: number,
		cost: number,
		comparedLines: number,
		extraCost: number,
	): GrowingSum {
		const known = byFacet.get(facet);
		if (known === undefined) {
			const sum = {
				lines,
				latencies: new Map<number, number>(),
				pricedLines,
				costUsd: cost,
				comparedLines,
				extraCostUsd: extraCost,
			};
			byFacet.set(facet, sum);
			return sum;
		}
		known.lines += lines;
		known.pricedLines += pricedLines;
		known.costUsd += cost;
		known.comparedLines += comparedLines;
		known.extraCostUsd += extraCost;
		return known;
	}

	/**
	 * The sums, with costs in US dollars. `facetsOf`: the JSON of the facets by their hash. A sum whose facets are
	 * missing there is left out: they were pruned a moment ago.
	 */
	function sums(facetsOf: ReadonlyMap<number, string>): readonly LedgerSum[] {
		const all: LedgerSum[] = [];
		for (const [facet, sum] of byFacet) {
			const json = facetsOf.get(facet);
			if (json === undefined) continue;
			const facets = JSON.parse(json) as LedgerFacets;
			all.push({ ...sum, facets, costUsd: sum.costUsd / nanosPerUsd, extraCostUsd: sum.extraCostUsd / nanosPerUsd });
		}
		return all;
	}
}

function readLatencies(text: string, into: Map<number, number>): void {
	for (const part of text.split(',')) {
		const end = part.indexOf(' ');
		const bucket = Number(end === -1 ? part : part.slice(0, end));
		into.set(bucket, (into.get(bucket) ?? 0) + (end === -1 ? 1 : Number(part.slice(end))));
	}
}
