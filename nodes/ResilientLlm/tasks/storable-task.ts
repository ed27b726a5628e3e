import type { Json } from '../engine/store/task-record';
import { storableJson } from '../review/storable-json';
import type { RememberedTask } from './remembered-task';

export interface StorableTask extends RememberedTask {
	/** The input item as the store can keep it; null before the run has escalated. */
	readonly storedContext: () => Json;
}

/**
 * The same task with an input item that any store can keep. What it cannot keep is told by the escalation's warnings.
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
