import type { IDataObject, ITriggerFunctions } from 'n8n-workflow';

import { wallClock } from '../../host/clock';
import { overdueReviews } from '../../review/overdue-reviews';
import { openReviewStore } from './trigger-store';

/** What n8n stores for this node between runs (static data). */
interface Memory {
	/** Wall-clock time in ms since 1970. Reviews due by then have been reported. */
	remindedUntil?: number;
}

/**
 * Starts the workflow with the reviews that became overdue since the last call. The new time is set before the workflow
 * starts, because n8n saves a trigger's static data at that moment.
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
