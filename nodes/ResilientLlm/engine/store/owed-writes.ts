import type { Clock, MonotonicMs } from '../clock';
import { answerOf } from './store-answer';

/**
 * Writes that a store did not confirm. They are offered again in the background until it does, so that a task is not
 * locked, nor its answer lost, because the line to the store failed for a moment. The end of the process ends them.
 */
export interface OwedWrites {
	/** `write` may be repeated at will. After `until` it is of no use any more. */
	owe(key: string, write: () => Promise<unknown>, until: MonotonicMs): void;
	/** Offers at once what is owed for a task, for somebody who is about to claim it. Never rejects. */
	settle(key: string): Promise<void>;
}

/** The pause between rounds grows from the first to the last while the store fails, in ms. */
const firstPauseMs = 1000;
const lastPauseMs = 10_000;

/** More are not remembered, because each may hold an answer; the oldest goes first. */
const maxOwed = 1000;

interface Debt {
	readonly key: string;
	readonly write: () => Promise<unknown>;
	readonly until: MonotonicMs;
	/** The offer that is under way. */
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

	/** Whether the store took all of them. A round ends with the first that it does not take. */
	async function payAll(): Promise<boolean> {
		for (const debt of [...debts]) {
			if (await pay(debt)) continue;
			// The next round begins with another one, so that one that never succeeds holds up no other.
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
