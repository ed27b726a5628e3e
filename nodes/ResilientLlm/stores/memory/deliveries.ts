import type { EpochMs } from '../../engine/clock';
import { leaseFactor, type Deliveries, type DeliveryTerms } from '../../engine/store/deliveries';
import { wholeMs } from '../sql/task-row';

interface Undelivered {
	readonly key: string;
	readonly to: string;
	readonly keptUntil: EpochMs;
	dueAt: EpochMs;
	handovers: number;
	executionId: string | undefined;
}

export interface MemoryDeliveries extends Deliveries {
	add(
		decisionId: string,
		delivery: { readonly key: string; readonly terms: DeliveryTerms; readonly keptUntil: EpochMs },
	): void;
	has(decisionId: string | null): boolean;
}

/**
 * `now`: the current time; throws when the store is closed. `isDecided`: whether there is such a decision, delivered or
 * not.
 */
export function createMemoryDeliveries(
	now: () => EpochMs,
	isDecided: (decisionId: string) => boolean,
): MemoryDeliveries {
	const undelivered = new Map<string, Undelivered>();

	return {
		add(decisionId, { key, terms, keptUntil }) {
			const dueAt = now() + wholeMs(terms.leaseMs);
			undelivered.set(decisionId, { key, to: terms.to, keptUntil, dueAt, handovers: 1, executionId: undefined });
		},
		has: (decisionId) => decisionId !== null && undelivered.has(decisionId),
		async handOver({ to, leaseMs, limit, decisionId }) {
			const moment = now();
			const due = [...undelivered]
				.filter(
					([id, one]) => one.to === to && one.dueAt <= moment && one.keptUntil > moment && (decisionId ?? id) === id,
				)
				.sort(([, one], [, other]) => one.dueAt - other.dueAt)
				.slice(0, limit);
			return due.map(([id, one]) => {
				one.handovers += 1;
				one.executionId = undefined;
				one.dueAt = moment + wholeMs(leaseMs) * leaseFactor(one.handovers);
				return { decisionId: id, key: one.key, count: one.handovers };
			});
		},
		async beginDelivery({ decisionId, executionId, leaseMs }) {
			const moment = now();
			if (!isDecided(decisionId)) return { kind: 'unknown' };
			const one = undelivered.get(decisionId);
			if (one === undefined) return { kind: 'delivered' };
			const isOthers = one.executionId !== undefined && one.executionId !== executionId;
			if (isOthers && one.dueAt > moment) return { kind: 'elsewhere', executionId: one.executionId ?? '' };
			one.executionId = executionId;
			one.dueAt = moment + wholeMs(leaseMs) * leaseFactor(one.handovers);
			return { kind: 'begun' };
		},
		async endDelivery(decisionId) {
			now();
			undelivered.delete(decisionId);
		},
	};
}
