import type { IExecuteFunctions } from 'n8n-workflow';

import { runChain } from '../engine/chain';
import type { TaskContent } from '../engine/request';
import type { Step } from '../engine/task';
import type { TaskIdentity, TaskOrigin } from '../engine/task-store';
import { circuitBreakers } from '../host/circuit-breakers';
import { systemClock } from '../host/clock';
import { targetOf } from '../host/credentials';
import { eventLog } from '../host/log';
import { n8nMetrics } from '../host/n8n-metrics';
import { costAt, loadPrices, type PriceList } from '../host/prices';
import { pooledProvider } from '../host/provider-pool';
import { rateLimitGates } from '../host/rate-limit-gates';
import { identify } from '../host/task-id';
import { tidyNowAndThen } from '../host/tidy-store';
import { providerLabels } from '../providers';
import { readAttachments } from './attachments';
import type { FinishedTask } from './finished-task';
import { credentialSource, permittedSteps, type PermittedStep } from './permitted-steps';
import type { PreparedItem } from './prepared-item';
import { readAhead } from './read-ahead';
import { runRemembered, type TaskEnd } from './remembered-run';
import { observeTask } from './task-observer';

export type ReadyItem = Extract<PreparedItem, { kind: 'ready' }>;

export interface EndedTask {
	readonly task: FinishedTask;
	readonly end: TaskEnd;
}

/** Runs one item's task. `callsAreOver` is told when no provider will be called for it any more; storing its result may take longer. */
export type RunTask = (item: ReadyItem, callsAreOver: () => void) => Promise<EndedTask>;

/** Makes a function that runs one item's task; what all items of an execution share is made once. */
export async function createTaskRunner(
	context: IExecuteFunctions,
	items: readonly ReadyItem[],
	concurrency: number,
	cancel: AbortSignal,
): Promise<RunTask> {
	const prices = await loadPrices();
	const metrics = n8nMetrics();
	const origin = originOf(context);
	const source = credentialSource(context);
	// n8n takes milliseconds to read a credential, in which the provider could be at work.
	const stepsOf = readAhead(items, concurrency, async ({ itemIndex, parameters }: ReadyItem) => await permittedSteps(source, itemIndex, parameters.steps));

	return async (item, callsAreOver) => {
		const { itemIndex, parameters, schemaProblems, store } = item;
		const startedAt = systemClock.now();
		const deadline = startedAt + parameters.deadlineMs;
		const { prompt, systemMessage, output, confidence, rules, retryPolicy, includeInput } = parameters;
		const attachments = await readAttachments(context, itemIndex, item.attachments);
		const content: TaskContent = { prompt, systemMessage, attachments, output };
		const input = context.getInputData()[itemIndex] ?? { json: {} };
		const identity = identityOf(content, item, origin);
		const log = eventLog(context.logger, { ...logScope(origin), item: itemIndex, taskId: identity.taskId });
		const observer = observeTask(log, metrics);
		const breakers = store?.breakers ?? circuitBreakers;
		const steps = (await stepsOf(item)).map((step) => engineStep(step, prices));
		for (const { provider, settings, target } of steps) metrics?.watch({ provider, model: settings.model, target, phase: () => breakers.stateOf(target).kind });
		if (store !== undefined) tidyNowAndThen(store.tasks);

		const { end, warnings } = await runRemembered(
			{
				identity,
				parameters: parameters.task,
				content,
				steps: parameters.steps,
				context: input.json,
				includeInput,
				startedAt,
				deadline,
				cancel,
				// Another vendor's surcharge or bill is not part of the tokens.
				firstStepPrice: ({ specialRate: _, billedUsd: __, ...tokens }) => steps[0]?.price(tokens, steps[0].settings.model) ?? null,
				run: async () => {
					const outcome = await runChain(
						{
							content,
							steps,
							confidence,
							deadline,
							retryPolicy,
							rules,
							cancel,
							...(schemaProblems !== undefined && { schemaProblems }),
						},
						{ clock: systemClock, random: Math.random, breakers, gates: rateLimitGates, observe: observer.chain },
					);
					callsAreOver();
					return outcome;
				},
			},
			store?.tasks,
		);
		const latencyMs = Math.round(systemClock.now() - startedAt);
		const task: FinishedTask = { taskId: identity.taskId, itemIndex, input, includeInput, content: { prompt, systemMessage }, origin, latencyMs, warnings };
		observer.ended(task, end);
		return { task, end };
	};
}

function identityOf(content: TaskContent, { parameters, itemIndex }: ReadyItem, origin: TaskOrigin): TaskIdentity {
	const { id: ownId, memory } = parameters.task;
	const once = memory.kind === 'store' && memory.once;
	return identify({ content, ownId, origin, ...(!once && { itemIndex }) });
}

function engineStep(step: PermittedStep, prices: PriceList): Step {
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
		complete: pooledProvider(provider, access.settings, access.identity).complete,
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
