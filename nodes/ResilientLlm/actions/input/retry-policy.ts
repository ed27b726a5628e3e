import type { RetryPolicy } from '../../engine/task';
import { InvalidInput } from '../../tasks/invalid-input';
import { readNumber } from './field-reader';

export function readRetryPolicy(options: Readonly<Record<string, unknown>>): RetryPolicy {
	const range = { min: 0, max: 3_600_000, whole: true };
	const baseDelayMs = readNumber(options.retryBaseDelayMs ?? 1000, 'Retry Base Delay (Ms)', range);
	const maxDelayMs = readNumber(options.retryMaxDelayMs ?? 30_000, 'Retry Max Delay (Ms)', range);
	if (baseDelayMs > maxDelayMs) {
		throw new InvalidInput(
			`Retry Base Delay (${baseDelayMs} ms) is longer than Retry Max Delay (${maxDelayMs} ms)`,
			'Raise Retry Max Delay or lower Retry Base Delay.',
		);
	}
	return { baseDelayMs, maxDelayMs };
}
