import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { takeDecisions } from './deliveries';

/**
 * Sorts the items that the trigger started the workflow with: decisions go to the first output, reminders to the
 * second. The trigger needs this `execute` for a second reason: without it, n8n would wait for `trigger` in a manual
 * run instead of passing on what the review page sent.
 */
export async function sortReviewEvents(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const items = context.getInputData();
	const decisions = await takeDecisions(
		context,
		items.filter(({ json }) => json.overdue !== true),
	);
	const reminders = items.filter(({ json }) => json.overdue === true);
	return context.getNodeParameter('remindOverdue', 0, false) === true ? [decisions, reminders] : [decisions];
}
