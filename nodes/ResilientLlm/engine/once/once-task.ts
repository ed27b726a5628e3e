import type { Clock, MonotonicMs } from '../clock';
import type { LedgerEntry } from '../store/ledger';
import type { Outcome } from '../outcome';
import type { OwedWrites } from '../store/owed-writes';
import type { TaskIdentity } from '../store/task-record';
import type { Answer, Escalation, TaskStore } from '../store/task-store';

type Answered = Extract<Outcome, { kind: 'answered' }>;
type Escalated = Extract<Outcome, { kind: 'escalated' }>;

/** What a run leaves in the store, made from its outcome. */
export interface Keepsakes {
	answer(outcome: Answered): Answer;
	escalation(outcome: Escalated): Escalation;
	/** The lines of a run whose result is not kept: its calls were made all the same. */
	calls(outcome: Outcome): readonly LedgerEntry[];
}

export interface OncePorts {
	readonly store: TaskStore;
	/** What this process owes that store. */
	readonly owed: OwedWrites;
	readonly clock: Clock;
	/** A token nobody can guess. */
	readonly newOwner: () => string;
}

export interface OnceTask {
	readonly identity: TaskIdentity;
	readonly deadline: MonotonicMs;
	readonly cancel: AbortSignal;
	/** Runs the chain. Called at most once. */
	readonly run: () => Promise<Outcome>;
	readonly keepsakes: Keepsakes;
}
