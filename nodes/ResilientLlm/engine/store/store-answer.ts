import type { Clock } from '../clock';
import { defectWords } from '../defect-words';
import { TaskStoreError, type Effect } from './task-store';

/** The result of a store operation. */
export type StoreAnswer<T> =
	| { readonly kind: 'done'; readonly value: T }
	/** The store failed; a retry, now or later, may succeed. */
	| { readonly kind: 'failed'; readonly message: string; readonly effect: Effect }
	/** The request itself is at fault, such as a text that is longer than memory allows: a retry would fail, too. */
	| { readonly kind: 'impossible'; readonly message: string };

/** Runs a store operation once. Errors are returned as values. */
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
 * Pauses before the retries of a failed store operation, in ms. Retries, because an answer that is lost is paid for
 * twice; only two, because a task must not wait long for a store that is down.
 */
export const askAgainAfterMs: readonly number[] = [200, 1000];

/**
 * Runs a store operation, with retries after these pauses while it fails. Once `cancel` has aborted, retries are
 * immediate.
 */
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
