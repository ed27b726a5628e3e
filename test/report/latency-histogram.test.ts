import fc from 'fast-check';
import { expect, it } from 'vitest';

import { latencyBucketOf } from '../../nodes/ResilientLlm/engine/store/latency-bucket';
import { LatencyHistogram } from '../../nodes/ResilientLlm/report/latency-histogram';

const latencies = fc.array(
	fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 3_600_000 })),
	{ minLength: 1, maxLength: 300 },
);

function histogramOf(values: readonly number[]): LatencyHistogram {
	const histogram = new LatencyHistogram();
	for (const value of values) histogram.add(latencyBucketOf(value), 1);
	return histogram;
}

/** The smallest value that at least this share of all does not exceed. */
function exact(values: readonly number[], percent: number): number {
	return [...values].sort((a, b) => a - b)[Math.ceil((percent * values.length) / 100) - 1]!;
}

it('says percentiles within 2 %, and 1 ms', () => {
	fc.assert(
		fc.property(latencies, (values) => {
			const { p50, p95, p99 } = histogramOf(values).percentiles();
			for (const [found, percent] of [
				[p50, 50],
				[p95, 95],
				[p99, 99],
			] as const) {
				const right = exact(values, percent);
				expect(Math.abs(found! - right)).toBeLessThanOrEqual(0.02 * right + 1);
			}
		}),
	);
});

it('is the same whether filled at once or put together', () => {
	fc.assert(
		fc.property(latencies, latencies, (one, other) => {
			expect(histogramOf(one).addAll(histogramOf(other)).percentiles()).toEqual(
				histogramOf([...one, ...other]).percentiles(),
			);
		}),
	);
});

it('has no percentiles of nothing', () =>
	expect(new LatencyHistogram().percentiles()).toEqual({ p50: null, p95: null, p99: null }));
