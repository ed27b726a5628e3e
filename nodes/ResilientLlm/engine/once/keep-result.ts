import { leaseMarginMs } from './claim-or-wait';
import type { LedgerEntry } from '../store/ledger';
import type { Keepsakes, OncePorts, OnceTask } from './once-task';
import type { Outcome } from '../outcome';
import { answerOf, persistentAnswerOf } from '../store/store-answer';
import type { TaskIdentity } from '../store/task-record';
import type { Answer, Claim, Escalation, Lease, TaskStore, Written } from '../store/task-store';

/** The task's state in the store when this run has lost its lease. */
export type TakenBy = Exclude<Claim, { kind: 'acquired' }>;

type Offered =
	/** `anew`: the store had lost its record of the task in the meantime, and no other run had claimed it. */
	{ readonly kind: 'stored'; readonly anew: boolean } | { readonly kind: 'takenOver'; readonly by: TakenBy };

export type Kept = Offered | { readonly kind: 'failed'; readonly message: string };

/**
 * Stores a run's result, or releases its lease when it was cancelled, and adds it to the ledger. If the store fails,
 * the write is repeated in the background; if the result cannot be stored at all, the lease is released.
 */
export async function keepResult(outcome: Outcome, task: OnceTask, lease: Lease, ports: OncePorts): Promise<Kept> {
	const { store, clock, owed } = ports;
	const { identity, keepsakes } = task;
	let result: Result | undefined;
	const offer = async () => {
		result ??= resultOf(outcome, keepsakes);
		const offered = await offerResult(result, identity, lease, store);
		await countUnstored(offered, outcome, result, keepsakes, store);
		return offered;
	};
	const answer = await persistentAnswerOf(offer, clock, task.cancel);
	if (answer.kind === 'done') return answer.value;
	const until = Math.max(task.deadline, clock.now()) + leaseMarginMs;
	const giveBack = async () => await store.release(lease);
	owed.owe(lease.key, answer.kind === 'failed' ? offer : giveBack, until);
	return { kind: 'failed', message: answer.message };
}

/** Built only once, so that a result stored late has the latency of the run, not of the write. */
type Result =
	| { readonly kind: 'answered'; readonly answer: Answer }
	| { readonly kind: 'escalated'; readonly escalation: Escalation }
	| { readonly kind: 'cancelled' };

function resultOf(outcome: Outcome, keepsakes: Keepsakes): Result {
	switch (outcome.kind) {
		case 'answered':
			return { kind: 'answered', answer: keepsakes.answer(outcome) };
		case 'escalated':
			return { kind: 'escalated', escalation: keepsakes.escalation(outcome) };
		case 'cancelled':
			return { kind: 'cancelled' };
	}
}

async function offerResult(result: Result, identity: TaskIdentity, lease: Lease, store: TaskStore): Promise<Offered> {
	let anew = false;
	for (let held = lease; ;) {
		const written = await write(result, held, store);
		if (written === 'stored') return { kind: 'stored', anew };
		anew ||= written === 'gone';
		// If no run holds the task any more, claiming it again makes sure that no other run's result is overwritten.
		const claim = await store.claim({ identity, owner: lease.owner, leaseMs: leaseMarginMs });
		if (claim.kind !== 'acquired') return { kind: 'takenOver', by: claim };
		held = claim.lease;
	}
}

async function write(result: Result, lease: Lease, store: TaskStore): Promise<Written> {
	switch (result.kind) {
		case 'answered':
			return await store.complete(lease, result.answer);
		case 'escalated':
			return await store.escalate(lease, result.escalation);
		case 'cancelled':
			await store.release(lease);
			return 'stored';
	}
}

/**
 * Adds a run whose result is not stored to the ledger, because its calls were paid for. Best effort: errors are
 * ignored, a missing ledger line must not delay a task.
 */
async function countUnstored(
	offered: Offered,
	outcome: Outcome,
	result: Result,
	keepsakes: Keepsakes,
	store: TaskStore,
): Promise<void> {
	const lines = unstoredLines();
	if (lines.length > 0) await answerOf(async () => await store.addToLedger(lines));

	function unstoredLines(): readonly LedgerEntry[] {
		if (result.kind === 'cancelled') return keepsakes.calls(outcome);
		if (offered.kind === 'stored') return [];
		// Another run's result is used, which already counts the task: only the calls of this run are added.
		if (offered.by.kind === 'finished') return keepsakes.calls(outcome);
		return result.kind === 'answered' ? result.answer.ledger : result.escalation.ledger;
	}
}
