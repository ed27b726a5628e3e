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
	 * Runs one item's task. `callsAreOver` is called when no more provider calls will follow; storing the result may take
	 * longer. Throws `InvalidInput` for errors that the user must correct; after any other error the task is escalated.
	 */
	run(item: ReadyItem, callsAreOver: () => void): Promise<EndedItem>;
	/** Escalates an item without calling a provider. `why` completes the sentence "No provider could be tried: …". */
	escalate(item: ReadyItem, why: string): Promise<EndedItem>;
	/** Whether some results would be lost for good if the execution ended with an error now. */
	hasResultsToLose(): boolean;
}

/** Creates the task runner of an execution. Prices, origin and credentials source are loaded once for all items. */
export async function createTaskRunner(
	context: IExecuteFunctions,
	items: readonly ReadyItem[],
	concurrency: number,
	cancel: AbortSignal,
): Promise<TaskRunner> {
	const prices = await loadPrices();
	const origin = taskOriginOf(context);
	const source = credentialSource(context);
	// Credentials are read ahead: n8n takes milliseconds for each, during which a provider could already be working.
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

/** Whether the next execution can read this item's result from the task store, without new calls. */
function isReplayable({ parameters, store }: ReadyItem): boolean {
	const { memory } = parameters.task;
	return store !== undefined && memory.kind === 'store' && memory.once;
}
