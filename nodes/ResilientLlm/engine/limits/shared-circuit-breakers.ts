import {
	closedCircuit,
	createCircuitBreakers,
	defaultCircuitBreakerPolicy,
	type CircuitBreakers,
	type CircuitState,
	type Permit,
	type Rejection,
} from './circuit-breaker';
import { setBounded } from '../remembering';
import type { CircuitStore } from '../store/circuit-store';
import type { Clock, MonotonicMs } from '../clock';

/** A target's shared state is read at most this often, in ms. Only the first read of a target delays a call. */
const readEveryMs = 1000;

/** Maximum number of targets in memory. */
const maxTargets = 1000;

/** How long a call waits for the store at most, in ms: for the state of a new target, or to claim the probe. */
const storeWaitMs = 250;

/**
 * Circuit breakers that share openings, closings and the single probe with other processes through a store. Each
 * process counts failures on its own. When the store fails, each process goes on with its own breakers.
 */
export function createSharedCircuitBreakers(
	store: CircuitStore,
	clock: Clock,
	policy = defaultCircuitBreakerPolicy,
): CircuitBreakers {
	const local = createCircuitBreakers(clock, policy);
	const lastRead = new Map<string, MonotonicMs>();

	return {
		async admit(target, probeMs) {
			await learn(target);
			const admission = local.admit(target, probeMs);
			return admission.kind === 'permit' && admission.probe ? asTheOnlyProbe(admission, probeMs) : admission;
		},
		force: local.force,
		stateOf: local.stateOf,
		settle(permit, result, retryAfterMs) {
			const transition = local.settle(permit, result, retryAfterMs);
			const after = local.stateOf(permit.target);
			if (transition.kind === 'opened' && after.kind === 'open') {
				void quietly(store.open(permit.target, after.reopensAt - clock.now(), after.openings));
			}
			if (transition.kind === 'closed') void quietly(store.close(permit.target));
			return transition;
		},
	};

	function learn(target: string): Promise<unknown> | undefined {
		const now = clock.now();
		const last = lastRead.get(target);
		if (last !== undefined && now - last < readEveryMs) return undefined;
		setBounded(lastRead, target, now, maxTargets);
		const read = adoptShared(target);
		return last === undefined ? atMost(storeWaitMs, read) : undefined;
	}

	async function adoptShared(target: string): Promise<void> {
		const before = local.stateOf(target);
		const shared = await quietly(store.read(target));
		// A local change during the read is newer than what was read.
		if (shared === 'unknown' || local.stateOf(target) !== before) return;
		if (shared !== undefined && before.kind === 'closed')
			local.adopt(target, openState(shared.reopensInMs, shared.openings));
		if (shared === undefined && before.kind === 'open') local.adopt(target, closedCircuit);
	}

	function openState(reopensInMs: number, openings: number): CircuitState {
		return { kind: 'open', reopensAt: clock.now() + Math.max(0, reopensInMs), openings };
	}

	async function asTheOnlyProbe(permit: Permit, probeMs: number): Promise<Permit | Rejection> {
		if ((await atMost(storeWaitMs, quietly(store.claimProbe(permit.target, probeMs)))) !== false) return permit;
		// Another process makes the probe call; the next read of the store shows its result.
		const state = local.stateOf(permit.target);
		const openings = state.kind === 'closed' ? 1 : state.openings;
		local.adopt(permit.target, openState(readEveryMs, openings));
		return { kind: 'rejected', reopensAt: clock.now() + readEveryMs };
	}

	async function atMost<T>(ms: number, work: Promise<T>): Promise<T | 'unknown'> {
		const done = new AbortController();
		const result = await Promise.race([work, clock.wait(ms, done.signal).then(() => 'unknown' as const)]);
		done.abort();
		return result;
	}
}

/** A failure of the store must not fail a call: the result is then `unknown`. */
async function quietly<T>(work: Promise<T>): Promise<T | 'unknown'> {
	try {
		return await work;
	} catch {
		return 'unknown';
	}
}
