import type { OncePorts, OnceTask } from './once-task';
import { answerOf, askAgainAfterMs, type StoreAnswer } from '../store/store-answer';
import type { Claim } from '../store/task-store';

/** A lease outlives the deadline by this much, in ms: the time in which its owner stores its result. */
export const leaseMarginMs = 30_000;

/** The pause between looks at a task that another run holds grows from the first to the last, in ms. */
const firstLookMs = 100;
const lastLookMs = 1000;

export type ClaimOrWait =
	| Claim
	| { readonly kind: 'cancelled' }
	/** The store could not be asked. */
	| { readonly kind: 'storeFailed'; readonly message: string };

/** Claims a task, or waits within its deadline for the run that holds it. */
export async function claimOrWait(task: OnceTask, ports: OncePorts): Promise<ClaimOrWait> {
	const { clock, owed } = ports;
	const { identity, deadline, cancel } = task;
	const owner = ports.newOwner();
	for (let pauseMs = firstLookMs; ; pauseMs = Math.min(lastLookMs, pauseMs * 2)) {
		// An earlier run in this process may not know whether it holds the task; it must not lock this one out.
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
 * Repeats a claim whose reply was lost, with its token: if the first one won, the second gets the same right. When the
 * store stays silent, the right that it may have given is handed back in the background.
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
		// A store that was not even reached is asked no second time: whoever waits for it should hear of it now.
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
