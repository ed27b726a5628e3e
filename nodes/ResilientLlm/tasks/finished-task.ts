import type { Transcript } from '../engine/transcript';
import type { TaskOrigin } from '../engine/store/task-record';

/** What is known of a task that has ended, besides how it ended. */
export interface FinishedTask {
	readonly taskId: string;
	readonly content: Transcript;
	readonly origin: TaskOrigin;
	readonly latencyMs: number;
	/** What the task store could not do, in words. */
	readonly warnings: readonly string[];
}
