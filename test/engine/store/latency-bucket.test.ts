import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { latencyBucketOf, latencyOfBucket } from '../../../nodes/ResilientLlm/engine/store/latency-bucket';

describe('buckets of latency', () => {
	it('hold every latency up to a week within 2 %', () => {
		fc.assert(
			fc.property(fc.double({ min: 0, max: 7 * 24 * 3_600_000, noNaN: true }), (latencyMs) => {
				const middle = latencyOfBucket(latencyBucketOf(latencyMs));
				expect(Math.abs(middle - latencyMs)).toBeLessThanOrEqual(0.02 * (latencyMs + 1));
			}),
		);
	});

	it('keep the order of latencies', () => {
		fc.assert(
			fc.property(fc.nat(), fc.nat(), (one, other) => {
				expect(
					Math.sign(latencyBucketOf(one) - latencyBucketOf(other)) * Math.sign(one - other),
				).toBeGreaterThanOrEqual(0);
			}),
		);
	});

	it('begin at nothing, and hold an hour in the 385th', () => {
		expect([latencyBucketOf(-1), latencyBucketOf(0), latencyBucketOf(3_600_000)]).toEqual([0, 0, 385]);
	});
});
