import { hash } from 'node:crypto';

import type { LedgerEntry } from '../engine/store/ledger';

/** A line of the ledger as stores keep it; the names are those of the SQL columns. */
export interface LedgerLine {
	/**
	 * 52 bits of a hash of `facets`: a whole number in JavaScript as well. Two of 10,000 would meet once in 90 million
	 * ledgers.
	 */
	readonly facet: number;
	/** JSON, always in the same order. ASCII apart from printable characters, as `JSON.stringify` makes it. */
	readonly facets: string;
	readonly latency_bucket: number;
	/** In billionths of a US dollar, so that sums are exact. Null: unknown. */
	readonly cost: number | null;
	readonly extra_cost: number | null;
}

export const nanosPerUsd = 1e9;

/** A million dollars: no call costs as much, and sums of it stay within what databases count in 64 bits. */
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
