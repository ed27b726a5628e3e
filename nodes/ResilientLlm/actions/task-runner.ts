import type { IExecuteFunctions } from 'n8n-workflow';

import { runChain } from '../engine/chain';
import type { TaskContent } from '../engine/request';
import type { Step } from '../engine/task';
import type { TaskIdentity, TaskOrigin } from '../engine/task-store';
import { circuitBreakers } from '../host/circuit-breakers';
import { systemClock } from '../host/clock';
import { targetOf } from '../host/credentials';
import { eventLog, type EventLog } from '../host/log';
import { costAt, loadPrices, type PriceList } from '../host/prices';
import { createProviderPool, type ProviderPool } from '../host/provider-pool';
import { identify } from '../host/task-id';
import { tidyNowAndThen } from '../host/tidy-store';
import { providerLabels } from '../providers';
import { readAttachments } from './attachments';
import type { FinishedTask } from './finished-task';
import type { PermittedStep, PreparedItem } from './prepared-item';
import { runRemembered, type TaskEnd } from './remembered-run';

export type ReadyItem = Extract<PreparedItem, { kind: 'ready' }>;

export interface EndedTask {
	readonly task: FinishedTask;
	readonly end: TaskEnd;
}

/** Makes a function that runs one item's task; what all items of an execution share is made once. */
export async function createTaskRunner(
	context: IExecuteFunctions,
	cancel: AbortSignal,
): Promise<(item: ReadyItem) => Promise<EndedTask>> {
	const prices = await loadPrices();
	const providers = createProviderPool();
	const origin = originOf(context);

	return async (item) => {
		const { itemIndex, parameters, schemaProblems, store } = item;
		const startedAt = systemClock.now();
		const deadline = startedAt + parameters.deadlineMs;
		const { prompt, systemMessage, output, confidence, rules, retryPolicy, includeInput } = parameters;
		const attachments = await readAttachments(context, itemIndex, item.attachments);
		const content: TaskContent = { prompt, systemMessage, attachments, output };
		const input = context.getInputData()[itemIndex] ?? { json: {} };
		const identity = identityOf(content, item, origin);
		const log = eventLog(context.logger, { ...logScope(origin), item: itemIndex, taskId: identity.taskId });
		const breakers = store?.breakers ?? circuitBreakers;
		if (store !== undefined) tidyNowAndThen(store.tasks);

		const { end, warnings } = await runRemembered(
			{
				identity,
				parameters: parameters.task,
				content,
				steps: item.steps,
				context: input.json,
				includeInput,
				startedAt,
				deadline,
				cancel,
				firstStepPrice: () => null,
				run: async () =>
					await runChain(
						{
							content,
							steps: item.steps.map((step) => engineStep(step, providers, prices)),
							confidence,
							deadline,
							retryPolicy,
							rules,
							cancel,
							...(schemaProblems !== undefined && { schemaProblems }),
						},
						{ clock: systemClock, random: Math.random, breakers, observe: log.chain },
					),
			},
			store?.tasks,
		);
		const latencyMs = Math.round(systemClock.now() - startedAt);
		const task: FinishedTask = { taskId: identity.taskId, itemIndex, input, includeInput, content, origin, latencyMs, warnings };
		logEnd(log, task, end);
		return { task, end };
	};
}

function identityOf(content: TaskContent, { parameters, itemIndex }: ReadyItem, origin: TaskOrigin): TaskIdentity {
	const { id: ownId, memory } = parameters.task;
	const once = memory.kind === 'store' && memory.once;
	return identify({ content, ownId, origin, ...(!once && { itemIndex }) });
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

function originOf(context: IExecuteFunctions): TaskOrigin {
	const { id, name } = context.getWorkflow();
	const node = context.getNode();
	return {
		workflowId: id ?? '',
		workflowName: name ?? '',
		nodeId: node.id,
		nodeName: node.name,
		executionId: context.getExecutionId(),
	};
}

function logScope({ executionId, workflowId, nodeName }: TaskOrigin) {
	return { executionId, workflowId, node: nodeName };
}

function logEnd(log: EventLog, { latencyMs, warnings }: FinishedTask, end: TaskEnd): void {
	for (const warning of warnings) log.task({ event: 'task-warning', warning });
	switch (end.kind) {
		case 'answered': {
			const { tier, attempts, costUsd } = end.answer;
			const replayed = end.replayed;
			return log.task({ event: 'task-answered', tier, replayed, attempts: attempts.length, latencyMs, costUsd: replayed ? 0 : costUsd });
		}
		case 'decided':
			return log.task({ event: 'task-answered', tier: 3, replayed: true, attempts: 0, latencyMs, costUsd: 0 });
		case 'escalated': {
			const { reasonCode, attempts, costUsd } = end.escalation;
			return log.task({ event: 'task-escalated', tier: 3, reasonCode, replayed: end.replayed, attempts: attempts.length, latencyMs, costUsd });
		}
		case 'cancelled':
			return log.task({ event: 'task-cancelled', latencyMs });
	}
}
