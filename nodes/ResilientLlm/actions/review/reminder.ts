import type { IDataObject, ITriggerFunctions } from 'n8n-workflow';

import { wallClock } from '../../host/clock';
import { overdueReviews } from '../../review/overdue-reviews';
import { openReviewStore } from './trigger-store';

/** What n8n keeps of this node between its runs. */
interface Memory {
	/** Epoch ms: whatever was due by then has been told. */
	remindedUntil?: number;
}

/**
 * Starts the workflow with the reviews that have become overdue since the last time. The instant is kept before the
 * workflow starts: n8n saves a trigger's memory as it starts one.
 */
export async function remindOfOverdueReviews(context: ITriggerFunctions): Promise<void> {
	const memory = context.getWorkflowStaticData('node') as Memory;
	const page = pathOf(context);
	const store = await openReviewStore(context, context.getNodeParameter('taskStore'));
	const { reviews, until } = await overdueReviews(store, {
		after: memory.remindedUntil ?? 0,
		until: wallClock.now(),
		isOurs: (pageUrl) => pageUrl === undefined || new URL(pageUrl).pathname.endsWith(`/${page}`),
	});
	memory.remindedUntil = until;
	if (reviews.length > 0) context.emit([reviews.map((review) => ({ json: review as unknown as IDataObject }))]);
}

function pathOf(context: ITriggerFunctions): string {
	const path = String(context.getNodeParameter('path', ''))
		.trim()
		.replace(/^\/|\/$/g, '');
	return path === '' ? (context.getNode().webhookId ?? '') : path;
}
