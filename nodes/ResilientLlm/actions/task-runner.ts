import type { IExecuteFunctions } from 'n8n-workflow';

import { runChain } from '../engine/chain';
import type { Outcome } from '../engine/outcome';
import type { TaskContent } from '../engine/request';
import type { Step } from '../engine/task';
import { totalCostUsd } from '../engine/trail';
import { circuitBreakers } from '../host/circuit-breakers';
import { systemClock } from '../host/clock';
import { targetOf } from '../host/credentials';
import { eventLog, type EventLog } from '../host/log';
import { costAt, loadPrices, type PriceList } from '../host/prices';
import { createProviderPool, type ProviderPool } from '../host/provider-pool';
import { sha256, taskIdOf } from '../host/task-id';
import { providerLabels } from '../providers';
import { readAttachments } from './attachments';
import type { FinishedTask, Run } from './finished-task';
import type { PermittedStep, PreparedItem } from './prepared-item';

export type ReadyItem = Extract<PreparedItem, { kind: 'ready' }>;

export interface EndedTask {
	readonly task: FinishedTask;
	readonly outcome: Outcome;
}

/** Makes a function that runs one item's task; what all items of an execution share is made once. */
export async function createTaskRunner(
	context: IExecuteFunctions,
	cancel: AbortSignal,
): Promise<(item: ReadyItem) => Promise<EndedTask>> {
	const prices = await loadPrices();
	const providers = createProviderPool();
	const run = runOf(context);

	return async (item) => {
		const { itemIndex, parameters, schemaProblems } = item;
		const startedAt = systemClock.now();
		const { prompt, systemMessage, output, deadlineMs, confidence, rules, retryPolicy } = parameters;
		const attachments = await readAttachments(context, itemIndex, item.attachments);
		const content: TaskContent = { prompt, systemMessage, attachments, output };
		const taskId = taskIdFor(content, run, context.getNode().id, itemIndex);
		const log = eventLog(context.logger, { ...logScope(run, context), item: itemIndex, taskId });

		const outcome = await runChain(
			{
				content,
				steps: item.steps.map((step) => engineStep(step, providers, prices)),
				confidence,
				deadline: startedAt + deadlineMs,
				retryPolicy,
				rules,
				cancel,
				...(schemaProblems !== undefined && { schemaProblems }),
			},
			{ clock: systemClock, random: Math.random, breakers: circuitBreakers, observe: log.chain },
		);
		const finishedAt = systemClock.now();
		const task: FinishedTask = {
			taskId,
			itemIndex,
			input: context.getInputData()[itemIndex] ?? { json: {} },
			includeInput: parameters.includeInput,
			content,
			steps: item.steps,
			run,
			latencyMs: Math.round(finishedAt - startedAt),
			finishedAt,
		};
		logEnd(log, task, outcome);
		return { task, outcome };
	};
}

function engineStep(step: PermittedStep, providers: ProviderPool, prices: PriceList): Step {
	const { provider, settings, access, ownPrice } = step;
	const { baseUrl } = access.settings;
	const seller = { provider, baseUrl };
	const contextWindow = settings.contextWindow ?? prices.contextWindow(seller, settings.model);
	return {
		provider,
		label: providerLabels[provider],
		target: targetOf(access.identity, settings.model),
		settings: { ...settings, ...(contextWindow !== undefined && { contextWindow }) },
		maxAttempts: step.maxAttempts,
		attemptTimeoutMs: step.attemptTimeoutMs,
		complete: providers(provider, access.settings, access.identity).complete,
		price: (usage, servedModel) =>
			ownPrice === undefined
				? prices.costUsd(seller, servedModel, usage)
				: costAt({ ...ownPrice, cachedInput: ownPrice.input }, usage),
	};
}

function runOf(context: IExecuteFunctions): Run {
	const { id, name } = context.getWorkflow();
	return { executionId: context.getExecutionId(), workflowId: id ?? '', workflowName: name ?? '' };
}

function logScope({ executionId, workflowId }: Run, context: IExecuteFunctions) {
	return { executionId, workflowId, node: context.getNode().name };
}

function taskIdFor(content: TaskContent, run: Run, nodeId: string, itemIndex: number): string {
	const { prompt, systemMessage, output, attachments } = content;
	return taskIdOf({
		workflowId: run.workflowId,
		nodeId,
		prompt,
		systemMessage,
		schema: output,
		attachments: attachments.map(({ base64 }) => sha256(base64)),
		executionId: run.executionId,
		itemIndex,
	});
}

function logEnd(log: EventLog, { latencyMs }: FinishedTask, outcome: Outcome): void {
	const { attempts } = outcome;
	const totals = { attempts: attempts.length, latencyMs, costUsd: totalCostUsd(attempts) };
	switch (outcome.kind) {
		case 'answered':
			return log.task({ event: 'task-answered', tier: outcome.step === 1 ? 1 : 2, step: outcome.step, ...totals });
		case 'escalated':
			return log.task({ event: 'task-escalated', tier: 3, reasonCode: outcome.reasonCode, ...totals });
		case 'cancelled':
			return log.task({ event: 'task-cancelled', ...totals });
	}
}
