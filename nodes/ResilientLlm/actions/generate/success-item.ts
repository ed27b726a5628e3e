import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { humanAnswer, type ResolvedReview } from '../../review/human-answer';
import type { AnswerFacts } from '../../tasks/answer-facts';
import type { FinishedItem } from './finished-item';

/**
 * The item for the Success output, in the documented format. It must not have a field named `error`: n8n would treat
 * the item as failed and run all items again.
 */
export function successItem(task: FinishedItem, answer: AnswerFacts, replayed: boolean): INodeExecutionData {
	const json = {
		output: answer.output,
		taskId: task.taskId,
		tier: answer.tier,
		degraded: answer.tier > 1,
		provider: answer.provider,
		model: answer.model,
		finishReason: answer.finishReason,
		...(answer.truncated && { truncated: true }),
		usage: answer.usage,
		// A replayed answer costs nothing now; its original cost is in its attempts.
		costUsd: replayed ? 0 : answer.costUsd,
		latencyMs: task.latencyMs,
		replayed,
		attempts: answer.attempts,
		warnings: [...answer.warnings, ...task.warnings],
		...(task.includeInput && { input: task.input.json }),
	};
	return asItem(task, json);
}

/** The item for a task that a human has already decided, in the same format. */
export function decidedItem(task: FinishedItem, review: ResolvedReview): INodeExecutionData {
	const { input: _, ...answer } = humanAnswer(review, { includeAttempts: true, replayed: true });
	return asItem(task, {
		...answer,
		costUsd: 0,
		latencyMs: task.latencyMs,
		warnings: [...answer.warnings, ...task.warnings],
		...(task.includeInput && { input: task.input.json }),
	});
}

function asItem({ includeInput, input, itemIndex }: FinishedItem, json: object): INodeExecutionData {
	return {
		json: json as IDataObject,
		...(includeInput && input.binary !== undefined && { binary: input.binary }),
		pairedItem: { item: itemIndex },
	};
}
