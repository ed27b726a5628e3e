/**
 * Latencies are kept as numbers of buckets, each 4 % wider than the one below: enough to say a percentile within 2 %,
 * and few enough that a million calls fit into some hundred of them.
 */
const growth = 1.04;

/** The bucket that holds a latency, in ms. 0 ms is in bucket 0, an hour in bucket 385. */
export function latencyBucketOf(latencyMs: number): number {
	return Math.round(Math.log1p(Math.max(0, latencyMs)) / Math.log(growth));
}

/** The middle of a bucket, in ms. */
export function latencyOfBucket(bucket: number): number {
	return growth ** bucket - 1;
}
