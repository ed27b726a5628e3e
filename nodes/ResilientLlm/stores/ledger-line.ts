import { hash } from 'node:crypto';

import type { LedgerEntry } from '../engine/store/ledger';

/** A line of the ledger as the stores keep it. The names are those of the SQL columns. */
export interface LedgerLine {
	/**
	 * The first 52 bits of the SHA-256 of `facets`, so that it is an exact integer in JavaScript as well. Among 10,000
	 * different facets a collision has a chance of one in 90 million.
	 */
	readonly facet: number;
	/** JSON of the facets with sorted keys, so that the same facets always give the same text. */
	readonly facets: string;
	readonly latency_bucket: number;
	/** In billionths of a US dollar, so that sums are exact. Null: unknown. */
	readonly cost: number | null;
	readonly extra_cost: number | null;
}

export const nanosPerUsd = 1e9;

/** Costs are limited to a million US dollars: no call costs as much, and sums of them fit into 64-bit integers. */
const largestCost = 1e6 * nanosPerUsd;

export function ledgerLine({ facets, latencyBucket, costUsd, extraCostUsd }: LedgerEntry): LedgerLine {
	const json = JSON.stringify(facets, Object.keys(facets).toSorted());
	return {
		facet: hashOf(json),
		facets: json,
		latency_bucket: Number.isInteger(latencyBucket) ? latencyBucket : 0,
		cost: nanosOf(costUsd),
		extra_cost: nanosOf(extraCostUsd),
	};
}

function hashOf(text: string): number {
	return Number.parseInt(hash('sha256', text).slice(0, 13), 16);
}

function nanosOf(usd: number | null): number | null {
	if (usd === null || !Number.isFinite(usd)) return null;
	return Math.round(Math.min(largestCost, Math.max(-largestCost, usd * nanosPerUsd))) + 0;
}
