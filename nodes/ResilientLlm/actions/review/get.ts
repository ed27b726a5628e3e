import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { wallClock } from '../../host/clock';
import { isReview, reviewFacts } from '../../review/review-facts';
import { forEachItem, noSuchReview, readReviewTaskId } from './items';

/** Returns a task's newest review, whether it is decided or not. */
export async function getReview(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await forEachItem(context, async (item) => {
		const taskId = readReviewTaskId(item);
		const record = await item.store.findReview({ taskId });
		if (record === undefined || !isReview(record)) throw noSuchReview(taskId);
		return reviewFacts(record, wallClock.now());
	});
}
