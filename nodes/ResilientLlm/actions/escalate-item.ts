import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type { Attempt } from '../engine/attempt';
import type { EpochMs } from '../engine/clock';
import type { ReasonCode } from '../engine/outcome';
import { escalationMessage } from '../host/escalation-message';
import type { FinishedTask } from './finished-task';

/** Why a task goes to a human, and what that human gets to see. */
export interface EscalationFacts {
	readonly reasonCode: ReasonCode;
	readonly reason: string;
	readonly draft: string | null;
	readonly attempts: readonly Attempt[];
	/** USD of this run. */
	readonly costUsd: number | null;
	readonly failedAt: EpochMs;
	readonly dueAt: EpochMs | null;
	/** Null: there is no review page. */
	readonly reviewUrl: string | null;
	readonly warnings: readonly string[];
	/** Whether the task store holds a review of it. */
	readonly isStored: boolean;
}

const previewLength = 200;

/** The Escalate item, as the node's contract has it. It never has a field named `error`: n8n would take it off this output. */
export function escalateItem(task: FinishedTask, facts: EscalationFacts): INodeExecutionData {
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
		preview: Array.from(content.prompt.slice(0, previewLength * 2)).slice(0, previewLength).join(''),
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
		message: escalationMessage({ taskId, reason, prompt: content.prompt, draft, attempts, dueAt, reviewUrl, ...origin }),
	};
	return {
		json: json as unknown as IDataObject,
		...(task.input.binary !== undefined && { binary: task.input.binary }),
		pairedItem: { item: task.itemIndex },
	};
}
