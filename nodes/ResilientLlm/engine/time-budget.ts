/**
 * How long the current step may take, in ms, retries and pauses included; 0 or less when no time is left.
 *
 * A fallback must always be reachable, so the time for one attempt of each later step (`laterTimeoutsMs`) is reserved.
 * When the remaining time is too short for one attempt of every step, it is split evenly: no step gets more than its
 * timeout, and what a step with a short timeout does not need goes to the others.
 */
export function stepBudgetMs(remainingMs: number, timeoutMs: number, laterTimeoutsMs: readonly number[]): number {
	const needed = laterTimeoutsMs.reduce((sum, later) => sum + later, 0);
	return remainingMs >= timeoutMs + needed
		? remainingMs - needed
		: evenShareMs(remainingMs, timeoutMs, laterTimeoutsMs);
}

/** An attempt with less time left than this, in ms, is not worth its cost, unless its timeout is shorter still. */
export const usefulAttemptMs = 1000;

/** Whether a further attempt of the same step, after a pause, leaves enough time to be worth making. */
export function worthRetrying(budgetMs: number, pauseMs: number, timeoutMs: number): boolean {
	return budgetMs - pauseMs >= Math.min(timeoutMs, usefulAttemptMs);
}

function evenShareMs(remainingMs: number, timeoutMs: number, laterTimeoutsMs: readonly number[]): number {
	let pool = Math.max(0, remainingMs);
	let sharers = laterTimeoutsMs.length + 1;
	for (const timeout of [timeoutMs, ...laterTimeoutsMs].sort((left, right) => left - right)) {
		const share = pool / sharers;
		if (timeout >= share) return Math.min(timeoutMs, share);
		if (timeout === timeoutMs) return timeoutMs;
		pool -= timeout;
		sharers -= 1;
	}
	return timeoutMs;
}
