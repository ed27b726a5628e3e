import { leaseMarginMs } from './claim-or-wait';
import type { LedgerEntry } from '../store/ledger';
import type { Keepsakes, OncePorts, OnceTask } from './once-task';
import type { Outcome } from '../outcome';
import { answerOf, persistentAnswerOf } from '../store/store-answer';
import type { TaskIdentity } from '../store/task-record';
import type { Answer, Claim, Escalation, Lease, TaskStore, Written } from '../store/task-store';

/** What the task is by now, when it is no longer this run's. */
export type TakenBy = Exclude<Claim, { kind: 'acquired' }>;

type Offered =
	/** `anew`: the store had lost its record of the task meanwhile, and nobody else had taken it. */
	{ readonly kind: 'stored'; readonly anew: boolean } | { readonly kind: 'takenOver'; readonly by: TakenBy };

export type Kept = Offered | { readonly kind: 'failed'; readonly message: string };

/**
 * Stores what a run leaves, or gives its right back when it was cancelled, and counts it. What the store does not take
 * now is offered again in the background.
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

/** Made once, so that a result that is stored late tells how long the run took, not how late it is. */
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
		// Where no run holds the task any more, claiming it again is the way to store the result that overwrites nobody's.
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

/** What a run has cost counts, though its result is not stored. Best effort: a missing line must not delay a task. */
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
		// Another run's finished result is used in place of this one, so the task is counted there.
		if (offered.by.kind === 'finished') return keepsakes.calls(outcome);
		return result.kind === 'answered' ? result.answer.ledger : result.escalation.ledger;
	}
}
