import type { Clock, MonotonicMs } from '../engine/clock';
import type { Usage } from '../engine/completion';
import type { Outcome } from '../engine/outcome';
import type { OwedWrites } from '../engine/store/owed-writes';
import type { Conversation } from '../engine/conversation';
import type { TaskIdentity } from '../engine/store/task-record';
import type { TaskStore } from '../engine/store/task-store';
import type { NamedProvider } from './answer-facts';
import type { TaskParameters } from './task-parameters';

/** A task, with what is needed to run it and to store its result, if there is a store. */
export interface RememberedTask {
	readonly identity: TaskIdentity;
	readonly parameters: TaskParameters;
	readonly content: Conversation;
	readonly steps: readonly NamedProvider[];
	/** The input item's data, shown to the reviewer. */
	readonly context: unknown;
	readonly includeInput: boolean;
	/** What is stored of a task that no model answers: a review for a human, or only its numbers. */
	readonly whenAllFail: 'review' | 'error';
	readonly startedAt: MonotonicMs;
	readonly deadline: MonotonicMs;
	readonly cancel: AbortSignal;
	readonly run: () => Promise<Outcome>;
	readonly clock: Clock;
	/** USD that the first step's model would ask for these tokens; null: unknown. */
	readonly firstStepPrice: (usage: Usage) => number | null;
}

/** A task store, and this process's unconfirmed writes to it. */
export interface RememberingStore {
	readonly tasks: TaskStore;
	readonly owed: OwedWrites;
	/**
	 * Watches for data that the store loses from now on. The returned function gives messages about the losses so far.
	 */
	readonly notices: { watchLosses(): () => readonly string[] };
}
