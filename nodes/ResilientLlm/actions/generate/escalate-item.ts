import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { escalationMessage } from '../../review/escalation-message';
import type { EscalationFacts } from '../../tasks/escalation-facts';
import type { FinishedItem } from './finished-item';

const previewLength = 200;

/**
 * The item for the Escalate output, in the documented format. It must not have a field named `error`: n8n would move
 * such an item to another output.
 */
export function escalateItem(task: FinishedItem, facts: EscalationFacts): INodeExecutionData {
	const { taskId, content, origin } = task;
	const { attempts, draft, reason, reviewUrl } = facts;
	const dueAt = facts.dueAt === null ? null : new Date(facts.dueAt).toISOString();
	const json = {
		taskId,
		status: 'pending_human_review',
		tier: 3,
		reasonCode: facts.reasonCode,
		reason,
		prompt: content.prompt,
		preview: Array.from(content.prompt.slice(0, previewLength * 2))
			.slice(0, previewLength)
			.join(''),
		systemMessage: content.systemMessage,
		draft,
		context: task.input.json,
		attempts,
		costUsd: facts.costUsd,
		latencyMs: task.latencyMs,
		failedAt: new Date(facts.failedAt).toISOString(),
		dueAt,
		reviewUrl,
		warnings: [...facts.warnings, ...task.warnings],
		executionId: origin.executionId,
		workflowId: origin.workflowId,
		workflowName: origin.workflowName,
		message: escalationMessage({
			taskId,
			reason,
			prompt: content.prompt,
			draft,
			attempts,
			dueAt,
			reviewUrl,
			...origin,
		}),
	};
	return {
		json: json as unknown as IDataObject,
		...(task.input.binary !== undefined && { binary: task.input.binary }),
		pairedItem: { item: task.itemIndex },
	};
}
