import { randomUUID } from 'node:crypto';

import { runOnce } from '../engine/once/once';
import { createReviewToken } from '../review/token';
import { InvalidInput } from './invalid-input';
import { keepsakesOf } from './keepsakes';
import { noteRun } from './note-run';
import type { RememberedTask, RememberingStore } from './remembered-task';
import { replay, stillInProgress } from './replay';
import { storableTask, type StorableTask } from './storable-task';
import { type RememberedEnd, endOf } from './task-end';

/**
 * Runs a task and stores what its settings ask for: nothing, its numbers and reviews, or everything needed to run it
 * only once.
 */
export async function runRemembered(task: RememberedTask, store: RememberingStore | undefined): Promise<RememberedEnd> {
	const { memory } = task.parameters;
	if (store === undefined || memory.kind === 'none') {
		return { end: endOf(await task.run(), task, undefined), warnings: [] };
	}
	const storable = storableTask(task);
	const losses = store.notices.watchLosses();
	const run = memory.once ? runOnlyOnce(storable, store) : runAndNote(storable, store);
	const { end, warnings } = await run.finally(losses);
	return { end, warnings: [...warnings, ...losses()] };
}

async function runAndNote(task: StorableTask, store: RememberingStore): Promise<RememberedEnd> {
	const outcome = await task.run();
	const token = createReviewToken();
	const noted = await noteRun(task, outcome, token, store);
	if (noted.kind === 'done') {
		return { end: endOf(outcome, task, task.whenAllFail === 'review' ? token : undefined), warnings: [] };
	}
	const warning = `The task store could not keep a record of this task: ${noted.message}`;
	return { end: endOf(outcome, task, undefined), warnings: [warning] };
}

async function runOnlyOnce(task: StorableTask, { tasks, owed }: RememberingStore): Promise<RememberedEnd> {
	const token = createReviewToken();
	const { identity, deadline, cancel, run, clock } = task;
	const result = await runOnce(
		{ identity, deadline, cancel, run, keepsakes: keepsakesOf(task, token) },
		{ store: tasks, owed, clock, newOwner: randomUUID },
	);
	switch (result.kind) {
		case 'ran':
			// Without a stored review, a link would lead nowhere.
			return { end: endOf(result.outcome, task, result.isStored ? token : undefined), warnings: result.warnings };
		case 'finished':
			return await replay(task, result.record, token, tasks, result.warnings);
		case 'inProgress':
			return { end: await stillInProgress(task, result.until, tasks), warnings: [] };
		case 'cancelled':
			return { end: { kind: 'cancelled' }, warnings: [] };
		case 'mismatch':
			throw new InvalidInput(
				`The task ID "${identity.taskId}" was used before with another input`,
				'Give each task an ID of its own: the same ID means the same prompt, system message, schema and files. No model was called.',
			);
		case 'storeFailed':
			throw new InvalidInput(
				`The task store could not be asked whether this task was done before: ${result.message}`,
				'No model was called, so that nothing is paid for twice. Run it again when the store is back, or switch off Process Each Task Only Once.',
			);
	}
}
