import type { Clock, MonotonicMs } from '../clock';
import { answerOf } from './store-answer';

/**
 * Writes that the store has not confirmed. They are repeated in the background until it does, so that a short outage
 * neither locks a task nor loses its answer. Kept in memory only: lost when the process ends.
 */
export interface OwedWrites {
	/** Adds a write. It must be idempotent, as it may be repeated, and is dropped after `until`. */
	owe(key: string, write: () => Promise<unknown>, until: MonotonicMs): void;
	/** Tries the owed writes of a task now, before the task is claimed again. Never rejects. */
	settle(key: string): Promise<void>;
}

/** Pauses between rounds, in ms: doubled from the first to the last value while the store fails. */
const firstPauseMs = 1000;
const lastPauseMs = 10_000;

/** Maximum number of owed writes, because each may hold an answer. When it is reached, the oldest is dropped. */
const maxOwed = 1000;

interface Debt {
	readonly key: string;
	readonly write: () => Promise<unknown>;
	readonly until: MonotonicMs;
	/** The attempt that is under way. */
	offer?: Promise<boolean> | undefined;
}

export function createOwedWrites(clock: Clock): OwedWrites {
	const debts = new Set<Debt>();
	const never = new AbortController().signal;
	let working = false;

	return {
		owe(key, write, until) {
			const [oldest] = debts;
			if (debts.size >= maxOwed && oldest !== undefined) debts.delete(oldest);
			debts.add({ key, write, until });
			if (!working) void work();
		},
		async settle(key) {
			await Promise.all([...debts].filter((debt) => debt.key === key).map(pay));
		},
	};

	async function work(): Promise<void> {
		working = true;
		for (let pauseMs = firstPauseMs; debts.size > 0;) {
			await clock.wait(pauseMs, never);
			pauseMs = (await payAll()) ? firstPauseMs : Math.min(lastPauseMs, pauseMs * 2);
		}
		working = false;
	}

	/** True when the store confirmed all writes. A round ends with the first one that fails. */
	async function payAll(): Promise<boolean> {
		for (const debt of [...debts]) {
			if (await pay(debt)) continue;
			// Moved to the end, so that a write that never succeeds does not hold up the others.
			if (debts.delete(debt)) debts.add(debt);
			return false;
		}
		return true;
	}

	async function pay(debt: Debt): Promise<boolean> {
		if (clock.now() < debt.until) {
			debt.offer ??= answerOf(debt.write).then(({ kind }) => kind === 'done');
			const paid = await debt.offer;
			debt.offer = undefined;
			if (!paid) return false;
		}
		debts.delete(debt);
		return true;
	}
}
