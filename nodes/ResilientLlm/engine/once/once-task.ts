import type { Clock, MonotonicMs } from '../clock';
import type { LedgerEntry } from '../store/ledger';
import type { Outcome } from '../outcome';
import type { OwedWrites } from '../store/owed-writes';
import type { TaskIdentity } from '../store/task-record';
import type { Answer, Escalation, TaskStore } from '../store/task-store';

type Answered = Extract<Outcome, { kind: 'answered' }>;
type Escalated = Extract<Outcome, { kind: 'escalated' }>;

/** Builds what a run writes to the store from its outcome. */
export interface Keepsakes {
	answer(outcome: Answered): Answer;
	escalation(outcome: Escalated): Escalation;
	/** Ledger lines for the calls of a run whose result is not stored. */
	calls(outcome: Outcome): readonly LedgerEntry[];
}

export interface OncePorts {
	readonly store: TaskStore;
	/** This process's unconfirmed writes to that store. */
	readonly owed: OwedWrites;
	readonly clock: Clock;
	/** Creates an owner token that cannot be guessed. */
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
