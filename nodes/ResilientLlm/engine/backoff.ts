import type { Random } from './clock';
import type { FailureReason } from './failure';
import type { RetryPolicy } from './task';

/**
 * The pause before the next call of the same step, in ms, always within [0, `maxDelayMs`]. `retryIndex` counts the
 * retries of this step from 0.
 *
 * A rate limit or an overload needs time to pass, so the exponential delay is kept as the minimum and a little jitter
 * is added. Other failures may be over at once: there, full jitter spreads the retries of many callers best (Brooker,
 * "Exponential Backoff And Jitter", AWS 2015).
 */
export function backoffMs(reason: FailureReason, retryIndex: number, policy: RetryPolicy, random: Random): number {
	const base = policy.baseDelayMs;
	return Math.min(policy.maxDelayMs, curve());

	function curve(): number {
		switch (reason) {
			case 'rate_limited':
				return base * 2 ** retryIndex + random() * base;
			case 'overloaded':
				return base * 1.5 ** retryIndex + (random() * base) / 2;
			// The next request differs from the failed one, so there is nothing to wait for.
			case 'unsupported_parameter':
			case 'truncated':
			case 'invalid_output':
				return 0;
			default:
				return random() * Math.min(policy.maxDelayMs, base * 2 ** retryIndex);
		}
	}
}
