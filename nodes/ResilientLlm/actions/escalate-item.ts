import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type { Outcome } from '../engine/outcome';
import { totalCostUsd } from '../engine/trail';
import { escalationMessage } from '../host/escalation-message';
import type { FinishedTask } from './finished-task';

const previewLength = 200;

/** The Escalate item, as the node's contract has it. It never has a field named `error`: n8n would take it off this output. */
export function escalateItem(task: FinishedTask, outcome: Extract<Outcome, { kind: 'escalated' }>): INodeExecutionData {
	const { attempts, reason, reasonCode } = outcome;
	const { taskId, content, run } = task;
	const draft = outcome.draft?.text ?? null;
	const reviewUrl = null;
	const json = {
		taskId,
		status: 'pending_human_review',
		tier: 3,
		reasonCode,
		reason,
		prompt: content.prompt,
		preview: Array.from(content.prompt.slice(0, previewLength * 2)).slice(0, previewLength).join(''),
		systemMessage: content.systemMessage,
		draft,
		context: task.input.json,
		attempts: attempts as unknown as IDataObject[],
		costUsd: totalCostUsd(attempts),
		latencyMs: task.latencyMs,
		failedAt: new Date(task.finishedAt).toISOString(),
		dueAt: null,
		reviewUrl,
		executionId: run.executionId,
		workflowId: run.workflowId,
		workflowName: run.workflowName,
		message: escalationMessage({ taskId, reason, prompt: content.prompt, draft, attempts, reviewUrl, ...run }),
	};
	return {
		json: json as unknown as IDataObject,
		...(task.input.binary !== undefined && { binary: task.input.binary }),
		pairedItem: { item: task.itemIndex },
	};
}
