import type { Clock } from '../clock';
import { defectWords } from '../defect-words';
import { TaskStoreError, type Effect } from './task-store';

/** What came of asking a store. */
export type StoreAnswer<T> =
	| { readonly kind: 'done'; readonly value: T }
	/** Worth asking again, now or later. */
	| { readonly kind: 'failed'; readonly message: string; readonly effect: Effect }
	/** The question itself is at fault, such as a text that is longer than memory allows. Asking again helps nobody. */
	| { readonly kind: 'impossible'; readonly message: string };

/** Asks once. A failure is a value. */
export async function answerOf<T>(ask: () => Promise<T>): Promise<StoreAnswer<T>> {
	try {
		return { kind: 'done', value: await ask() };
	} catch (error) {
		return error instanceof TaskStoreError
			? { kind: 'failed', message: error.message, effect: error.effect }
			: { kind: 'impossible', message: defectWords(error) };
	}
}

/**
 * Pauses before a store that failed is asked again, in ms: an answer that is not kept is paid for twice, but an answer
 * that waits for a store that is down helps nobody.
 */
export const askAgainAfterMs: readonly number[] = [200, 1000];

/** Asks again after each of these pauses while the store fails. Cancelling leaves the pauses out. */
export async function persistentAnswerOf<T>(
	ask: () => Promise<T>,
	clock: Clock,
	cancel: AbortSignal,
): Promise<StoreAnswer<T>> {
	let answer = await answerOf(ask);
	for (const pauseMs of askAgainAfterMs) {
		if (answer.kind !== 'failed') break;
		await clock.wait(pauseMs, cancel);
		answer = await answerOf(ask);
	}
	return answer;
}
