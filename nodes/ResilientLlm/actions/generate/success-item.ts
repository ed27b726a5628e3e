import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { humanAnswer, type ResolvedReview } from '../../review/human-answer';
import type { AnswerFacts } from '../../tasks/answer-facts';
import type { FinishedItem } from './finished-item';

/**
 * The Success item, as the node's contract has it. It never has a field named `error`: n8n would run all items again.
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
		// A replay costs nothing; what the answer had cost stands in its attempts.
		costUsd: replayed ? 0 : answer.costUsd,
		latencyMs: task.latencyMs,
		replayed,
		attempts: answer.attempts,
		warnings: [...answer.warnings, ...task.warnings],
		...(task.includeInput && { input: task.input.json }),
	};
	return asItem(task, json);
}

/** What a human decided about this task before, in the same shape. */
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
