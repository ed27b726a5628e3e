import type { Clock } from '../engine/clock';
import type { DeliveryState } from '../engine/store/deliveries';
import type { TaskStore } from '../engine/store/task-store';
import { deliveryLeaseMs, renewEveryMs } from './decision-delivery';

/** An execution that works on a decision. */
export interface KeptDelivery {
	readonly store: TaskStore;
	readonly decisionId: string;
	readonly executionId: string;
	/** Told when the store fails: what that means, and its own words. */
	readonly warn: (what: string, why: string) => void;
}

export interface DeliveryKeeper {
	/**
	 * An execution starts with a decision. Unless another one works on it, or has, the decision is kept from being handed
	 * over until `end`, also while the store cannot be asked: no decision waits for a store that is down.
	 */
	begin(delivery: KeptDelivery): Promise<DeliveryState | { readonly kind: 'unreachable' }>;
	/**
	 * The execution has ended. Resolves when that is stored, or after a first try that failed; others follow by
	 * themselves.
	 */
	end(delivery: KeptDelivery): Promise<void>;
	/**
	 * Where executions cannot tell how they get on: what n8n was given counts as delivered once it has had time to store
	 * it.
	 */
	endSoon(store: TaskStore, decisionId: string): void;
	/** Whether an execution of this process works on the decision, whatever the store has heard of it. */
	keeps(decisionId: string): boolean;
}

/** More than n8n takes to store an execution that it was given, in ms: measured were 0.2 s, and 4 s while it starts. */
const takenWithinMs = 10_000;

/** A store that is down when an execution ends has so many intervals between signs of life to come back: an hour. */
const triesToEnd = 240;

/** Gives signs of life for the executions of this process, so that no other is started with their decisions. */
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
