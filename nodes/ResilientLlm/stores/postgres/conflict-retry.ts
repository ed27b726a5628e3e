import { errorCode } from '../connection-trouble';

/** Random numbers and pauses, passed in so that tests can control them. */
export interface RetryPorts {
	/** Uniformly distributed, from 0 (inclusive) to 1 (exclusive). */
	readonly random: () => number;
	readonly pause: (ms: number) => Promise<unknown>;
}

/**
 * How often a transaction is tried at most. With 600 concurrent tasks over 80 connections, on a server whose default
 * isolation level is `serializable`, at most four tries were needed (measured).
 */
const maxTries = 10;

/**
 * Upper limit of the random pause before the second try, in ms. It doubles with each further try, up to `lastPauseMs`.
 */
const firstPauseMs = 5;
const lastPauseMs = 250;

/**
 * Runs a transaction, and runs it again when the database rolled it back because of a concurrent one: a deadlock or a
 * serialization failure. The pauses are random, so that the two do not collide again. Any other error is thrown at
 * once, and the last conflict after `maxTries`.
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

/**
 * SQLSTATE class 40 is "transaction rollback". Of these, 40003 leaves open whether the statement was done, so it is not
 * retried.
 */
function isConflict(error: unknown): boolean {
	const code = errorCode(error);
	return code !== undefined && /^40[0-9A-Z]{3}$/.test(code) && code !== '40003';
}
