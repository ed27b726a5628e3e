import type { IDataObject, ITriggerFunctions, ITriggerResponse } from 'n8n-workflow';

import { systemClock } from '../host/clock';
import { logEvent } from '../host/log';
import { overdueReviews } from '../review/overdue-reviews';
import { openReviewStore } from './review-trigger-store';

const firstLookMs = 5_000;
const lookEveryMs = 60_000;

/** What n8n keeps of this node between its runs. */
interface Memory {
	/** Epoch ms: whatever was due by then has been told. */
	remindedUntil?: number;
}

/** Looks once a minute for reviews that have become overdue, and starts the workflow with them. */
export function remindOfOverdueReviews(context: ITriggerFunctions): ITriggerResponse {
	if (context.getNodeParameter('remindOverdue') !== true) return {};
	let timer = setTimeout(look, firstLookMs);
	let isClosed = false;
	return {
		async closeFunction() {
			isClosed = true;
			clearTimeout(timer);
		},
	};

	function look(): void {
		void remind(context)
			.catch((error: unknown) => logEvent(context.logger, 'warn', 'review-reminder-failed', { message: String(error), workflowId: context.getWorkflow().id, node: context.getNode().name }))
			.finally(() => {
				if (!isClosed) timer = setTimeout(look, lookEveryMs);
			});
	}
}

/** The instant is kept before the workflow starts: n8n saves a trigger's memory as it starts one. */
async function remind(context: ITriggerFunctions): Promise<void> {
	const memory = context.getWorkflowStaticData('node') as Memory;
	const page = pathOf(context);
	const { reviews, until } = await overdueReviews(await openReviewStore(context), {
		after: memory.remindedUntil ?? 0,
		until: systemClock.now(),
		isOurs: (pageUrl) => pageUrl === undefined || new URL(pageUrl).pathname.endsWith(`/${page}`),
	});
	memory.remindedUntil = until;
	if (reviews.length > 0) context.emit([reviews.map((review) => ({ json: review as unknown as IDataObject }))]);
}

function pathOf(context: ITriggerFunctions): string {
	const path = String(context.getNodeParameter('path', '')).trim().replace(/^\/|\/$/g, '');
	return path === '' ? (context.getNode().webhookId ?? '') : path;
}
