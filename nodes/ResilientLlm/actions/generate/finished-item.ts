import type { INodeExecutionData } from 'n8n-workflow';

import type { FinishedTask } from '../../tasks/finished-task';

/** A finished task, and the input item that it was made of. */
export interface FinishedItem extends FinishedTask {
	readonly itemIndex: number;
	readonly input: INodeExecutionData;
	readonly includeInput: boolean;
}
