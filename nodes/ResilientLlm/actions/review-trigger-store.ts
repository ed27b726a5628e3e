import type { ITriggerFunctions, IWebhookFunctions } from 'n8n-workflow';

import { TaskStoreError, type TaskStore } from '../engine/task-store';
import { openTaskStore } from '../host/task-stores';
import { readChoice } from './field-reader';

/** The store that a Review Trigger names. A missing credential is told like a store that cannot be reached: in the log. */
export async function openReviewStore(context: IWebhookFunctions | ITriggerFunctions): Promise<TaskStore> {
	const kind = readChoice(context.getNodeParameter('taskStore'), 'Task Store', ['embedded', 'redis', 'postgres']);
	const access = await openTaskStore(kind, context);
	if (access.kind === 'denied') throw new TaskStoreError(`${access.why}. ${access.advice}`);
	return access.tasks;
}
