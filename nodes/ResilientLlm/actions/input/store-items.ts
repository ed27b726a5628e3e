import type { IBinaryKeyData, IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { TaskStore } from '../../engine/store/task-store';
import { openTaskStore } from '../../host/task-stores';
import { readChoice } from './field-reader';
import { InvalidInput } from '../../tasks/invalid-input';
import { asNodeError } from '../generate/prepared-item';
import { realStoreKinds } from '../../tasks/task-parameters';

/** One input item of an operation on a task store. */
export interface StoreItem {
	readonly store: TaskStore;
	/** Returns a parameter's value by name. */
	parameter(name: string): unknown;
}

/** One result of an operation. An item may have any number of results. */
export interface StoreResult {
	readonly json: object;
	readonly binary?: IBinaryKeyData;
}

/**
 * Runs `work` for each input item in order and returns the results as output items that are linked to their input item.
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
