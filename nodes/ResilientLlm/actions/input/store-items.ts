import type { IBinaryKeyData, IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { TaskStore } from '../../engine/store/task-store';
import { openTaskStore } from '../../host/task-stores';
import { readChoice } from './field-reader';
import { InvalidInput } from '../../tasks/invalid-input';
import { asNodeError } from '../generate/prepared-item';
import { realStoreKinds } from '../../tasks/task-parameters';

/** What one item asks of an operation on a task store. */
export interface StoreItem {
	readonly store: TaskStore;
	/** A parameter's value, by name. */
	parameter(name: string): unknown;
}

/** What an operation makes of an item: any number of these. */
export interface StoreResult {
	readonly json: object;
	readonly binary?: IBinaryKeyData;
}

/**
 * Does an operation's work for each input item, in order, and gives its results as items that know where they come
 * from.
 */
export async function forEachStoreItem(
	context: IExecuteFunctions,
	work: (item: StoreItem) => Promise<readonly StoreResult[]>,
): Promise<INodeExecutionData[][]> {
	const output: INodeExecutionData[] = [];
	for (const itemIndex of context.getInputData().keys()) {
		try {
			const results = await work(await storeItem(context, itemIndex));
			for (const { json, ...files } of results)
				output.push({ json: json as IDataObject, ...files, pairedItem: { item: itemIndex } });
		} catch (error) {
			const failure = asNodeError(context, itemIndex, error);
			if (!context.continueOnFail()) throw failure;
			output.push({ json: { error: failure.message }, pairedItem: { item: itemIndex } });
		}
	}
	return [output];
}

async function storeItem(context: IExecuteFunctions, itemIndex: number): Promise<StoreItem> {
	const parameter = (name: string): unknown => context.getNodeParameter(name, itemIndex, null);
	const kind = readChoice(parameter('taskStore'), 'Task Store', realStoreKinds);
	const access = await openTaskStore(kind, context, itemIndex);
	if (access.kind === 'denied') throw new InvalidInput(access.why, access.advice);
	return { store: access.tasks, parameter };
}
