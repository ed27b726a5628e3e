import { latencyOfBucket } from '../engine/store/latency-bucket';

/** Percentiles in ms, accurate to 2%. Null: nothing was measured. */
export interface Percentiles {
	readonly p50: number | null;
	readonly p95: number | null;
	readonly p99: number | null;
}

/** Counts latencies by bucket, so that its size does not grow with the number of calls. */
export class LatencyHistogram {
	private readonly counts = new Map<number, number>();

	add(bucket: number, count: number): void {
		this.counts.set(bucket, (this.counts.get(bucket) ?? 0) + count);
	}

	addAll(other: LatencyHistogram): this {
		for (const [bucket, count] of other.counts) this.add(bucket, count);
		return this;
	}

	percentiles(): Percentiles {
		const sorted = [...this.counts].sort(([a], [b]) => a - b);
		const total = sorted.reduce((sum, [, count]) => sum + count, 0);
		return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };

		/** The smallest latency that at least the given share of all latencies does not exceed. */
		function at(share: number): number | null {
			const rank = Math.max(1, Math.ceil(share * total - 1e-9));
			let seen = 0;
			for (const [bucket, count] of sorted) {
				seen += count;
				if (seen >= rank) return Math.round(latencyOfBucket(bucket));
			}
			return null;
		}
	}
}
