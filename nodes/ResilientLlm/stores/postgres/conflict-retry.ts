import { errorCode } from '../connection-trouble';

/** Random numbers and pauses, from outside so that tests drive them. */
export interface RetryPorts {
	/** Evenly spread from 0 to 1. */
	readonly random: () => number;
	readonly pause: (ms: number) => Promise<unknown>;
}

/**
 * How often work is tried at most. 600 tasks at once over 80 connections, on a server whose default is `serializable`,
 * needed four tries at most (measured).
 */
const maxTries = 10;

/** The longest pause before the second try, in ms. It doubles from try to try, up to the last. */
const firstPauseMs = 5;
const lastPauseMs = 250;

/**
 * Tries work again that a database undid because of others that ran at the same time: a deadlock, or two transactions
 * of which one must run after the other. The pauses are random, so that they do not meet again.
 */
export async function retryConflicts<T>(work: () => Promise<T>, { random, pause }: RetryPorts): Promise<T> {
	for (let tries = 1; ; tries++) {
		const ended = await work().then(
			(value) => ({ value }),
			(error: unknown) => ({ error }),
		);
		if ('value' in ended) return ended.value;
		if (tries === maxTries || !isConflict(ended.error)) throw ended.error;
		await pause(random() * Math.min(lastPauseMs, firstPauseMs * 2 ** (tries - 1)));
	}
}

/** Class 40 is "transaction rollback"; 40003 alone leaves open whether the statement was done. */
function isConflict(error: unknown): boolean {
	const code = errorCode(error);
	return code !== undefined && /^40[0-9A-Z]{3}$/.test(code) && code !== '40003';
}
