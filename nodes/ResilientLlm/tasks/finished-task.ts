import type { Transcript } from '../engine/transcript';
import type { TaskOrigin } from '../engine/store/task-record';

/** Data about a task that has ended, besides its result. */
export interface FinishedTask {
	readonly taskId: string;
	readonly content: Transcript;
	readonly origin: TaskOrigin;
	readonly latencyMs: number;
	/** Messages about what the task store could not do. */
	readonly warnings: readonly string[];
}
