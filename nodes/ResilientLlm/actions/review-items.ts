import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { TaskStore } from '../engine/task-store';
import { openTaskStore } from '../host/task-stores';
import { readChoice, readText } from './field-reader';
import { InvalidInput } from './invalid-input';
import { asNodeError } from './prepared-item';

/** What one item asks of a review operation. */
export interface ReviewItem {
	readonly store: TaskStore;
	/** A parameter's value, by name. */
	parameter(name: string): unknown;
}

type Result = object | readonly object[];

/** Does an operation's work for each input item, in order, and gives its results as items that know where they come from. */
export async function forEachItem(context: IExecuteFunctions, work: (item: ReviewItem) => Promise<Result>): Promise<INodeExecutionData[][]> {
	const output: INodeExecutionData[] = [];
	for (const itemIndex of context.getInputData().keys()) {
		try {
			const results = await work(await reviewItem(context, itemIndex));
			for (const result of [results].flat()) output.push({ json: result as IDataObject, pairedItem: { item: itemIndex } });
		} catch (error) {
			const failure = asNodeError(context, itemIndex, error);
			if (!context.continueOnFail()) throw failure;
			output.push({ json: { error: failure.message }, pairedItem: { item: itemIndex } });
		}
	}
	return [output];
}

async function reviewItem(context: IExecuteFunctions, itemIndex: number): Promise<ReviewItem> {
	const parameter = (name: string): unknown => context.getNodeParameter(name, itemIndex, null);
	const kind = readChoice(parameter('taskStore'), 'Task Store', ['embedded', 'redis', 'postgres']);
	const access = await openTaskStore(kind, context, itemIndex);
	if (access.kind === 'denied') throw new InvalidInput(access.why, access.advice);
	return { store: access.tasks, parameter };
}

export function readReviewTaskId(item: ReviewItem): string {
	const taskId = readText(item.parameter('taskId'), 'Task ID').trim();
	if (taskId === '') throw new InvalidInput('The task ID is empty', 'Enter the taskId of an escalated item, or check that the expression gives one.');
	return taskId;
}

export function noSuchReview(taskId: string): InvalidInput {
	return new InvalidInput(
		`There is no review of task "${taskId}"`,
		'Check the task ID and that this node uses the same task store as the node that escalated the task. Reviews are forgotten some time after their end.',
	);
}
