import { claimOrWait } from './claim-or-wait';
import type { EpochMs } from '../clock';
import { keepResult, type TakenBy } from './keep-result';
import type { OncePorts, OnceTask } from './once-task';
import type { Outcome } from '../outcome';
import type { FinishedRecord } from '../store/task-record';
import type { Lease } from '../store/task-store';

export type OnceResult =
	/** This run did the work. `warnings`: what the store could not keep, or had lost. */
	| {
			readonly kind: 'ran';
			readonly outcome: Outcome;
			/** Whether the store holds the result, as far as is known. */
			readonly isStored: boolean;
			readonly warnings: readonly string[];
	  }
	/** An earlier run finished the task. No model was called, except for the calls that `warnings` mention. */
	| { readonly kind: 'finished'; readonly record: FinishedRecord; readonly warnings: readonly string[] }
	/** Another run still held the task when this task's deadline passed. */
	| { readonly kind: 'inProgress'; readonly until: EpochMs }
	| { readonly kind: 'mismatch' }
	| { readonly kind: 'cancelled' }
	/** The store failed before the run, so no model was called. */
	| { readonly kind: 'storeFailed'; readonly message: string };

/**
 * Runs a task unless an earlier run has finished it: claims it, runs it, stores its result. If another run holds the
 * task, waits for that run until the deadline.
 */
export async function runOnce(task: OnceTask, ports: OncePorts): Promise<OnceResult> {
	const claim = await claimOrWait(task, ports);
	switch (claim.kind) {
		case 'acquired':
			return await runUnderLease(task, claim.lease, ports);
		case 'finished':
			return { ...claim, warnings: [] };
		default:
			return claim;
	}
}

async function runUnderLease(task: OnceTask, lease: Lease, ports: OncePorts): Promise<OnceResult> {
	const outcome = await task.run();
	const kept = await keepResult(outcome, task, lease, ports);
	switch (kept.kind) {
		case 'stored':
			return { kind: 'ran', outcome, isStored: true, warnings: kept.anew ? [storedAnew] : [] };
		case 'takenOver':
			return afterTakeover(outcome, kept.by);
		case 'failed':
			return notKept(outcome, `The task store could not keep this result, so the task may run again: ${kept.message}`);
	}
}

const storedAnew =
	'The task store had lost its record of this task while it ran (it was emptied, or dropped it to save memory); ' +
	'the result was stored anew';

/**
 * Another run took the task over after this run's lease had ended. If that run has a result, it is used in place of
 * this one: one task has one result.
 */
function afterTakeover(outcome: Outcome, by: TakenBy): OnceResult {
	switch (by.kind) {
		case 'finished': {
			const made = `this run made ${calls(outcome)} of its own`;
			const warning = `Another run took this task over and finished it; its result is used, though ${made}`;
			return { kind: 'finished', record: by.record, warnings: [warning] };
		}
		case 'inProgress':
			return notKept(outcome, takenOver);
		case 'mismatch':
			return notKept(outcome, usedForAnother);
	}
}

const takenOver = 'Another run took this task over before its result could be stored; the task may be answered twice';

const usedForAnother = 'Another run has used this task ID for another input meanwhile, so this result is not stored';

function notKept(outcome: Outcome, warning: string): OnceResult {
	return { kind: 'ran', outcome, isStored: false, warnings: [warning] };
}

function calls({ attempts }: Outcome): string {
	const made = attempts.filter(({ outcome }) => outcome !== 'skipped').length;
	return made === 1 ? 'a call' : `${made} calls`;
}
