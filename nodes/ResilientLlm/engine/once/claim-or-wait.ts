import type { OncePorts, OnceTask } from './once-task';
import { answerOf, askAgainAfterMs, type StoreAnswer } from '../store/store-answer';
import type { Claim } from '../store/task-store';

/** How long a lease lasts beyond the task's deadline, in ms: time for its owner to store the result. */
export const leaseMarginMs = 30_000;

/** Pauses between checks of a task that another run holds, in ms: doubled from the first to the last value. */
const firstLookMs = 100;
const lastLookMs = 1000;

export type ClaimOrWait =
	| Claim
	| { readonly kind: 'cancelled' }
	/** The store could not be asked: it failed. */
	| { readonly kind: 'storeFailed'; readonly message: string };

/** Claims a task. If another run holds it, waits for that run until this task's deadline. */
export async function claimOrWait(task: OnceTask, ports: OncePorts): Promise<ClaimOrWait> {
	const { clock, owed } = ports;
	const { identity, deadline, cancel } = task;
	const owner = ports.newOwner();
	for (let pauseMs = firstLookMs; ; pauseMs = Math.min(lastLookMs, pauseMs * 2)) {
		// Settles an earlier run's unconfirmed claim in this process first: it could lock this run out until its lease
		// ends.
		await owed.settle(identity.key);
		const remainingMs = Math.max(0, deadline - clock.now());
		const claim = await claimFor(task, owner, remainingMs + leaseMarginMs, ports);
		if (claim.kind !== 'done') return { kind: 'storeFailed', message: claim.message };
		if (claim.value.kind !== 'inProgress' || remainingMs === 0) return claim.value;
		await clock.wait(Math.min(pauseMs, remainingMs), cancel);
		if (cancel.aborted) return { kind: 'cancelled' };
	}
}

/**
 * Claims a task. A claim whose reply was lost is repeated with the same owner token: if the first one succeeded, the
 * second gets the same lease. If no reply ever comes, a lease that may exist is released in the background.
 */
async function claimFor(
	{ identity, cancel }: OnceTask,
	owner: string,
	leaseMs: number,
	{ store, clock, owed }: OncePorts,
): Promise<StoreAnswer<Claim>> {
	const ask = async () => await answerOf(async () => await store.claim({ identity, owner, leaseMs }));
	let claim = await ask();
	const mayHold = isUnknown(claim);
	for (const pauseMs of askAgainAfterMs) {
		// No retry when the store was not even reached: the caller should learn of it at once.
		if (!isUnknown(claim)) break;
		await clock.wait(pauseMs, cancel);
		claim = await ask();
	}
	if (claim.kind !== 'done' && mayHold) {
		const until = clock.now() + leaseMs;
		owed.owe(identity.key, async () => await store.release({ key: identity.key, owner, until }), until);
	}
	return claim;
}

function isUnknown(answer: StoreAnswer<unknown>): boolean {
	return answer.kind === 'failed' && answer.effect === 'unknown';
}
