import type { IExecuteFunctions } from 'n8n-workflow';

import { conversationOf, type Attachment } from '../../engine/conversation';
import { eventLog } from '../../host/log';
import { taskOriginOf } from '../../host/task-origin';
import { taskPorts } from '../../host/task-ports';
import { tidyNowAndThen } from '../../host/tidy-store';
import { loadPrices } from '../../tasks/prices';
import type { TaskEnd } from '../../tasks/task-end';
import { handOver, runTask, type EndedTask, type TaskOrder } from '../../tasks/run-task';
import { readAttachments } from '../input/attachments';
import { engineStep } from '../input/engine-step';
import { credentialSource, permittedSteps } from '../input/permitted-steps';
import type { FinishedItem } from './finished-item';
import type { PreparedItem } from './prepared-item';
import { readAhead } from './read-ahead';

export type ReadyItem = Extract<PreparedItem, { kind: 'ready' }>;

export interface EndedItem {
	readonly task: FinishedItem;
	readonly end: TaskEnd;
}

/** Runs the tasks of one execution. */
export interface TaskRunner {
	/**
	 * Runs one item's task. `callsAreOver` is told when no provider will be called for it any more; storing its result
	 * may take longer. Throws `InvalidInput` for what the user has to put right; any other trouble makes it a task for a
	 * human.
	 */
	run(item: ReadyItem, callsAreOver: () => void): Promise<EndedItem>;
	/** Hands an item over to a human without a call. `why` completes "No provider could be tried: …". */
	escalate(item: ReadyItem, why: string): Promise<EndedItem>;
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
	const origin = taskOriginOf(context);
	const source = credentialSource(context);
	// n8n takes milliseconds to read a credential, in which the provider could be at work.
	const stepsOf = readAhead(
		items,
		concurrency,
		async ({ itemIndex, parameters }: ReadyItem) => await permittedSteps(source, itemIndex, parameters.steps),
	);
	const ports = taskPorts();
	let resultsToLose = 0;

	return { run, escalate, hasResultsToLose: () => resultsToLose > 0 };

	async function run(item: ReadyItem, callsAreOver: () => void): Promise<EndedItem> {
		const attachments = await readAttachments(context, item.itemIndex, item.attachments);
		const steps = (await stepsOf(item)).map((step) => engineStep(step, prices));
		if (item.store !== undefined) tidyNowAndThen(item.store.tasks);
		const order: TaskOrder = {
			...orderOf(item, attachments),
			callsAreOver({ kind }) {
				if (kind !== 'cancelled' && !isReplayable(item)) resultsToLose += 1;
				callsAreOver();
			},
		};
		return endedItem(item, await runTask(order, steps, ports));
	}

	async function escalate(item: ReadyItem, why: string): Promise<EndedItem> {
		return endedItem(item, await handOver(orderOf(item, []), item.parameters.steps, why, ports));
	}

	function orderOf(item: ReadyItem, attachments: readonly Attachment[]): TaskOrder {
		const { itemIndex: index, parameters, schema, store } = item;
		const { prompt, systemMessage, output, confidence, rules, retryPolicy, deadlineMs, includeInput } = parameters;
		return {
			origin,
			index,
			content: conversationOf({ prompt, systemMessage, attachments, output }),
			confidence,
			rules,
			retryPolicy,
			deadlineMs,
			parameters: parameters.task,
			context: inputOf(item).json,
			includeInput,
			whenAllFail: 'review',
			cancel,
			logOf: (taskId) => {
				const { executionId, workflowId, nodeName: node } = origin;
				return eventLog(context.logger, { executionId, workflowId, node, item: index, taskId });
			},
			callsAreOver: () => undefined,
			...(schema !== undefined && { schemaProblems: schema.problems }),
			...(store !== undefined && { store }),
		};
	}

	function endedItem(item: ReadyItem, { task, end }: EndedTask): EndedItem {
		const { itemIndex, parameters } = item;
		return { task: { ...task, itemIndex, input: inputOf(item), includeInput: parameters.includeInput }, end };
	}

	function inputOf({ itemIndex }: ReadyItem) {
		return context.getInputData()[itemIndex] ?? { json: {} };
	}
}

/** Whether the next execution gets this item's result from the task store, at no cost. */
function isReplayable({ parameters, store }: ReadyItem): boolean {
	const { memory } = parameters.task;
	return store !== undefined && memory.kind === 'store' && memory.once;
}
