import type { Clock } from '../engine/clock';
import type { DeliveryState } from '../engine/store/deliveries';
import type { TaskStore } from '../engine/store/task-store';
import { deliveryLeaseMs, renewEveryMs } from './decision-delivery';

/** An execution that works on a decision. */
export interface KeptDelivery {
	readonly store: TaskStore;
	readonly decisionId: string;
	readonly executionId: string;
	/** Called when the store fails: what that means for the user, and the store's own message. */
	readonly warn: (what: string, why: string) => void;
}

export interface DeliveryKeeper {
	/**
	 * Call when an execution starts with a decision. Unless another execution works on it or has ended with it, renews
	 * the lease until `end`, so that the decision is not handed over to another execution. If the store cannot be
	 * reached, the execution starts all the same (`unreachable`), and renewing is tried again and again.
	 */
	begin(delivery: KeptDelivery): Promise<DeliveryState | { readonly kind: 'unreachable' }>;
	/**
	 * Call when the execution has ended. Resolves when that is stored, or after the first try failed; further tries
	 * follow in the background.
	 */
	end(delivery: KeptDelivery): Promise<void>;
	/**
	 * For an n8n without a hook for the end of executions: marks the decision as delivered after a delay in which n8n has
	 * stored the new execution.
	 */
	endSoon(store: TaskStore, decisionId: string): void;
	/** Whether an execution of this process works on the decision, even if the store could not be told. */
	keeps(decisionId: string): boolean;
}

/**
 * Longer than n8n takes to store an execution that it was asked to start, in ms. Measured: 0.2 s, and 4 s while n8n
 * starts.
 */
const takenWithinMs = 10_000;

/** How often storing the end of an execution is tried, once every `renewEveryMs`: for an hour. */
const triesToEnd = 240;

/**
 * Renews the leases on decisions that executions of this process work on, so that no other execution is started with
 * them.
 */
export function createDeliveryKeeper(clock: Clock): DeliveryKeeper {
	const kept = new Map<string, AbortController>();

	return {
		async begin(delivery) {
			const state = await ask(delivery);
			if (state.kind === 'failed') {
				delivery.warn(
					'The decision may arrive a second time, because the store did not hear of this execution',
					state.why,
				);
			}
			if (state.kind === 'begun' || state.kind === 'failed') void keep(delivery);
			return state.kind === 'failed' ? { kind: 'unreachable' } : state;
		},
		async end(delivery) {
			const failure = await tryToEnd(delivery);
			if (failure === undefined) return letGo(delivery);
			const { warn } = delivery;
			warn(
				'The decision may arrive a second time, because the store did not hear of the end of this execution',
				failure.why,
			);
			void keepTryingToEnd(delivery).finally(() => letGo(delivery));
		},
		endSoon(store, decisionId) {
			void clock
				.wait(takenWithinMs, new AbortController().signal)
				.then(async () => await tryToEnd({ store, decisionId }));
		},
		keeps: (decisionId) => kept.has(decisionId),
	};

	async function keep(delivery: KeptDelivery): Promise<void> {
		const ended = new AbortController();
		kept.set(delivery.decisionId, ended);
		for (;;) {
			await clock.wait(renewEveryMs, ended.signal);
			if (ended.signal.aborted) return;
			const state = await ask(delivery);
			if (state.kind !== 'begun' && state.kind !== 'failed') return;
		}
	}

	function letGo({ decisionId }: KeptDelivery): void {
		kept.get(decisionId)?.abort();
		kept.delete(decisionId);
	}

	async function keepTryingToEnd(delivery: KeptDelivery): Promise<void> {
		const never = new AbortController();
		for (let tries = 0; tries < triesToEnd; tries++) {
			await clock.wait(renewEveryMs, never.signal);
			if ((await tryToEnd(delivery)) === undefined) return;
		}
	}
}

async function ask({ store, decisionId, executionId }: KeptDelivery): Promise<DeliveryState | Failed> {
	return await store.beginDelivery({ decisionId, executionId, leaseMs: deliveryLeaseMs }).catch(failed);
}

async function tryToEnd({
	store,
	decisionId,
}: Pick<KeptDelivery, 'store' | 'decisionId'>): Promise<Failed | undefined> {
	return await store.endDelivery(decisionId).then(() => undefined, failed);
}

interface Failed {
	readonly kind: 'failed';
	readonly why: string;
}

function failed(error: unknown): Failed {
	return { kind: 'failed', why: error instanceof Error ? error.message : String(error) };
}
