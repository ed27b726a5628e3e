import type { INodeExecutionData } from 'n8n-workflow';

import type { FinishedTask } from '../../tasks/finished-task';

/** A finished task with the input item it belongs to. */
export interface FinishedItem extends FinishedTask {
	readonly itemIndex: number;
	readonly input: INodeExecutionData;
	readonly includeInput: boolean;
}
