import type { INodeExecutionData } from 'n8n-workflow';

import type { EpochMs } from '../engine/clock';
import type { TaskContent } from '../engine/request';
import type { StepParameters } from './generate-parameters';

/** The execution that a task belongs to. */
export interface Run {
	readonly executionId: string;
	readonly workflowId: string;
	readonly workflowName: string;
}

/** What an output item tells besides the outcome. */
export interface FinishedTask {
	readonly taskId: string;
	readonly itemIndex: number;
	readonly input: INodeExecutionData;
	readonly includeInput: boolean;
	readonly content: Pick<TaskContent, 'prompt' | 'systemMessage'>;
	readonly steps: readonly StepParameters[];
	readonly run: Run;
	readonly latencyMs: number;
	readonly finishedAt: EpochMs;
}
