import type { Clock, MonotonicMs } from '../engine/clock';
import type { Usage } from '../engine/completion';
import type { Outcome } from '../engine/outcome';
import type { OwedWrites } from '../engine/store/owed-writes';
import type { Conversation } from '../engine/conversation';
import type { TaskIdentity } from '../engine/store/task-record';
import type { TaskStore } from '../engine/store/task-store';
import type { NamedProvider } from './answer-facts';
import type { TaskParameters } from './task-parameters';

/** A task whose result a store keeps, or nobody. */
export interface RememberedTask {
	readonly identity: TaskIdentity;
	readonly parameters: TaskParameters;
	readonly content: Conversation;
	readonly steps: readonly NamedProvider[];
	/** The input item's data, for the human. */
	readonly context: unknown;
	readonly includeInput: boolean;
	/** What becomes of a task that no model answers: a review for a human, or nothing but its numbers. */
	readonly whenAllFail: 'review' | 'error';
	readonly startedAt: MonotonicMs;
	readonly deadline: MonotonicMs;
	readonly cancel: AbortSignal;
	readonly run: () => Promise<Outcome>;
	readonly clock: Clock;
	/** USD that the first step's model would ask for these tokens; null: unknown. */
	readonly firstStepPrice: (usage: Usage) => number | null;
}

/** A store, and what this process has not got stored there yet. */
export interface RememberingStore {
	readonly tasks: TaskStore;
	readonly owed: OwedWrites;
	/** From now on. What it gives tells, when asked, what the store has lost since, in words. */
	readonly notices: { watchLosses(): () => readonly string[] };
}
