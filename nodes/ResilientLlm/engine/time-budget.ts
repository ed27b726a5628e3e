/**
 * How long the step now in turn may take, its retries and pauses included, in ms; 0 or less when the time is over.
 *
 * "A fallback is always reachable": what later steps need for one attempt each (`laterTimeoutsMs`) is kept for them.
 * When the time left is too short for one attempt of every step, it is shared out evenly: nobody gets more than its
 * timeout, and what a short step does not need goes to the others.
 */
export function stepBudgetMs(remainingMs: number, timeoutMs: number, laterTimeoutsMs: readonly number[]): number {
	const needed = laterTimeoutsMs.reduce((sum, later) => sum + later, 0);
	return remainingMs >= timeoutMs + needed
		? remainingMs - needed
		: evenShareMs(remainingMs, timeoutMs, laterTimeoutsMs);
}

/** The time an attempt needs to be worth its money: its whole timeout, or this much of it, in ms. */
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
