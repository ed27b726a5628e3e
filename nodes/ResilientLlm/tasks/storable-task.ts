import type { Json } from '../engine/store/task-record';
import { storableJson } from '../review/storable-json';
import type { RememberedTask } from './remembered-task';

export interface StorableTask extends RememberedTask {
	/** The input item as the store can keep it; null until the run has escalated. */
	readonly storedContext: () => Json;
}

/**
 * The same task, with its input item reduced to JSON that any store can keep. The escalation's warnings name what had
 * to be left out.
 */
export function storableTask(task: RememberedTask): StorableTask {
	let context: Json = null;
	return {
		...task,
		storedContext: () => context,
		async run() {
			const outcome = await task.run();
			if (outcome.kind !== 'escalated') return outcome;
			const { json, leftOut } = storableJson(task.context);
			context = json;
			const told = leftOut.map(({ where, why }) => `The review does not hold ${partOf(where)} of the input: ${why}`);
			return { ...outcome, warnings: [...outcome.warnings, ...told] };
		},
	};
}

function partOf(where: string): string {
	return where === '' ? 'anything' : `"${where.slice(0, 200)}"`;
}
