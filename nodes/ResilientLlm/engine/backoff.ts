import type { Random } from './clock';
import type { FailureReason } from './failure';
import type { RetryPolicy } from './task';

/**
 * The pause before the next call of the same step, in ms, always within [0, `maxDelayMs`].
 * `retryIndex` counts the retries of this step from 0.
 *
 * A rate limit or an overload needs the pause itself, so the curve is kept and a little jitter added; anything else may
 * be gone at once, so full jitter spreads the callers best (Brooker, "Exponential Backoff And Jitter", AWS 2015).
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
			// The request changes, not the server: nothing is gained by waiting.
			case 'unsupported_parameter':
			case 'truncated':
			case 'invalid_output':
				return 0;
			default:
				return random() * Math.min(policy.maxDelayMs, base * 2 ** retryIndex);
		}
	}
}
