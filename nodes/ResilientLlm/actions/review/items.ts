import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { readText } from '../input/field-reader';
import { InvalidInput } from '../../tasks/invalid-input';
import { forEachStoreItem, type StoreItem } from '../input/store-items';

type Result = object | readonly object[];

/** Runs `work`, an operation on reviews, for each input item. */
export async function forEachItem(
	context: IExecuteFunctions,
	work: (item: StoreItem) => Promise<Result>,
): Promise<INodeExecutionData[][]> {
	return await forEachStoreItem(context, async (item) => [await work(item)].flat().map((json) => ({ json })));
}

export function readReviewTaskId(item: StoreItem): string {
	const taskId = readText(item.parameter('taskId'), 'Task ID').trim();
	if (taskId === '')
		throw new InvalidInput(
			'The task ID is empty',
			'Enter the taskId of an escalated item, or check that the expression gives one.',
		);
	return taskId;
}

export function noSuchReview(taskId: string): InvalidInput {
	return new InvalidInput(
		`There is no review of task "${taskId}"`,
		'Check the task ID and that this node uses the same task store as the node that escalated the task. Reviews are forgotten some time after their end.',
	);
}
