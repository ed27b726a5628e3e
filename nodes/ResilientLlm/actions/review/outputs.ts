import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { takeDecisions } from './deliveries';

/**
 * Sorts what the trigger started the workflow with: decisions leave on the first output, reminders on the second.
 * A trigger that has `execute` is also spared n8n's own handling, which in a manual run would wait for `trigger`
 * instead of passing on what the page sent.
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
