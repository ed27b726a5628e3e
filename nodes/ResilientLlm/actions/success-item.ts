import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type { Outcome } from '../engine/outcome';
import { totalCostUsd } from '../engine/trail';
import type { FinishedTask } from './finished-task';

/** The Success item, as the node's contract has it. It never has a field named `error`: n8n would run all items again. */
export function successItem(task: FinishedTask, outcome: Extract<Outcome, { kind: 'answered' }>): INodeExecutionData {
	const { completion, attempts, step } = outcome;
	const { usage } = completion;
	const json = {
		output: outcome.output,
		taskId: task.taskId,
		tier: step === 1 ? 1 : 2,
		degraded: step > 1,
		provider: task.steps[step - 1]?.provider ?? '',
		model: completion.model,
		finishReason: completion.finishReason,
		...(outcome.truncated && { truncated: true }),
		usage: {
			inputTokens: usage?.inputTokens ?? null,
			outputTokens: usage?.outputTokens ?? null,
			cachedInputTokens: usage?.cachedInputTokens ?? null,
			reasoningTokens: usage?.reasoningTokens ?? null,
		},
		costUsd: totalCostUsd(attempts),
		latencyMs: task.latencyMs,
		replayed: false,
		attempts: attempts as unknown as IDataObject[],
		warnings: [...outcome.warnings],
		...(task.includeInput && { input: task.input.json }),
	};
	return {
		json: json as IDataObject,
		...(task.includeInput && task.input.binary !== undefined && { binary: task.input.binary }),
		pairedItem: { item: task.itemIndex },
	};
}
