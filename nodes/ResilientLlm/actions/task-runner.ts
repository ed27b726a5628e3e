import type { IExecuteFunctions } from 'n8n-workflow';

import { runChain } from '../engine/chain';
import { defectWords } from '../engine/defect-words';
import { openings } from '../engine/escalation-reason';
import type { Outcome } from '../engine/outcome';
import type { Attachment, TaskContent } from '../engine/request';
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
import { InvalidInput } from './invalid-input';
import { credentialSource, permittedSteps, type PermittedStep } from './permitted-steps';
import type { PreparedItem } from './prepared-item';
import { readAhead } from './read-ahead';
import { runRemembered, type RememberedEnd, type TaskEnd } from './remembered-run';
import type { RememberedTask } from './remembered-task';
import { observeTask } from './task-observer';

export type ReadyItem = Extract<PreparedItem, { kind: 'ready' }>;

export interface EndedTask {
	readonly task: FinishedTask;
	readonly end: TaskEnd;
}

/** Runs the tasks of one execution. */
export interface TaskRunner {
	/**
	 * Runs one item's task. `callsAreOver` is told when no provider will be called for it any more; storing its result
	 * may take longer. Throws `InvalidInput` for what the user has to put right; any other trouble makes it a task for a
	 * human.
	 */
	run(item: ReadyItem, callsAreOver: () => void): Promise<EndedTask>;
	/** Hands an item over to a human without a call. `why` completes "No provider could be tried: …". */
	escalate(item: ReadyItem, why: string): Promise<EndedTask>;
	/** Whether there are results that nobody could get back if the execution ended with an error now. */
	hasResultsToLose(): boolean;
}

/** Makes what runs the items' tasks; what all items of an execution share is made once. */
export async function createTaskRunner(
	context: IExecuteFunctions,
	items: readonly ReadyItem[],
	concurrency: number,
	cancel: AbortSignal,
): Promise<TaskRunner> {
	const prices = await loadPrices();
	const metrics = n8nMetrics();
	const origin = originOf(context);
	const source = credentialSource(context);
	// n8n takes milliseconds to read a credential, in which the provider could be at work.
	const stepsOf = readAhead(
		items,
		concurrency,
		async ({ itemIndex, parameters }: ReadyItem) => await permittedSteps(source, itemIndex, parameters.steps),
	);
	let resultsToLose = 0;

	return { run, escalate, hasResultsToLose: () => resultsToLose > 0 };

	async function run(item: ReadyItem, callsAreOver: () => void): Promise<EndedTask> {
		const { parameters, schema, store } = item;
		const attachments = await readAttachments(context, item.itemIndex, item.attachments);
		const work = begin(item, attachments);
		const { content, deadline } = work.task;
		const { confidence, rules, retryPolicy } = parameters;
		const breakers = store?.breakers ?? circuitBreakers;
		const steps = (await stepsOf(item)).map((step) => engineStep(step, prices));
		for (const { provider, settings, target } of steps)
			metrics?.watch({ provider, model: settings.model, target, phase: () => breakers.stateOf(target).kind });
		if (store !== undefined) tidyNowAndThen(store.tasks);

		let outcome: Outcome | undefined;
		const task: RememberedTask = {
			...work.task,
			// Another vendor's surcharge or bill is not part of the tokens.
			firstStepPrice: ({ specialRate: _, billedUsd: __, ...tokens }) =>
				steps[0]?.price(tokens, steps[0].settings.model) ?? null,
			run: async () => {
				outcome = await runChain(
					{
						content,
						steps,
						execution: origin.executionId,
						confidence,
						deadline,
						retryPolicy,
						rules,
						cancel,
						...(schema !== undefined && { schemaProblems: schema.problems }),
					},
					{ clock: systemClock, random: Math.random, breakers, gates: rateLimitGates, observe: work.observer.chain },
				);
				if (outcome.kind !== 'cancelled' && !isReplayable(item)) resultsToLose += 1;
				callsAreOver();
				return outcome;
			},
		};
		return work.ended(
			await runRemembered(task, store).catch(async (error: unknown) => {
				if (error instanceof InvalidInput) throw error;
				const known = outcome ?? withoutACall(defectWords(error));
				const { end } = await runRemembered({ ...task, run: async () => await Promise.resolve(known) }, undefined);
				return { end, warnings: [`Nothing of this task is kept in the task store: ${defectWords(error)}`] };
			}),
		);
	}

	async function escalate(item: ReadyItem, why: string): Promise<EndedTask> {
		const { task, ended } = begin(item, []);
		const { memory } = task.parameters;
		const parameters = { ...task.parameters, memory: memory.kind === 'store' ? { ...memory, once: false } : memory };
		const run = async () => await Promise.resolve(withoutACall(why));
		return ended(await runRemembered({ ...task, parameters, firstStepPrice: () => null, run }, item.store));
	}

	/** What an item's task is, and who hears of it. */
	function begin(item: ReadyItem, attachments: readonly Attachment[]) {
		const { itemIndex, parameters } = item;
		const { prompt, systemMessage, output, includeInput } = parameters;
		const startedAt = systemClock.now();
		const content: TaskContent = { prompt, systemMessage, attachments, output };
		const input = context.getInputData()[itemIndex] ?? { json: {} };
		const identity = identityOf(content, item, origin);
		const observer = observeTask(
			eventLog(context.logger, { ...logScope(origin), item: itemIndex, taskId: identity.taskId }),
			metrics,
		);
		return {
			observer,
			task: {
				identity,
				parameters: parameters.task,
				content,
				steps: parameters.steps,
				context: input.json,
				includeInput,
				startedAt,
				deadline: startedAt + parameters.deadlineMs,
				cancel,
			},
			ended({ end, warnings }: RememberedEnd): EndedTask {
				const latencyMs = Math.round(systemClock.now() - startedAt);
				const task: FinishedTask = {
					taskId: identity.taskId,
					itemIndex,
					input,
					includeInput,
					content: { prompt, systemMessage },
					origin,
					latencyMs,
					warnings,
				};
				observer.ended(task, end);
				return { task, end };
			},
		};
	}
}

/** Whether the next execution gets this item's result from the task store, at no cost. */
function isReplayable({ parameters, store }: ReadyItem): boolean {
	const { memory } = parameters.task;
	return store !== undefined && memory.kind === 'store' && memory.once;
}

function withoutACall(why: string): Outcome {
	const reasonCode = 'no_provider_available';
	return { kind: 'escalated', reasonCode, reason: `${openings[reasonCode]}: ${why}`, attempts: [], warnings: [] };
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
