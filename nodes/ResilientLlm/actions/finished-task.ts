import type { INodeExecutionData } from 'n8n-workflow';

import type { TaskContent } from '../engine/request';
import type { TaskOrigin } from '../engine/task-store';

/** What an output item tells besides how its task ended. */
export interface FinishedTask {
	readonly taskId: string;
	readonly itemIndex: number;
	readonly input: INodeExecutionData;
	readonly includeInput: boolean;
	readonly content: Pick<TaskContent, 'prompt' | 'systemMessage'>;
	readonly origin: TaskOrigin;
	readonly latencyMs: number;
	/** What the task store could not do, in words. */
	readonly warnings: readonly string[];
}
