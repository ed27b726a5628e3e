import type { Outcome } from '../engine/outcome';
import { answerOf, persistentAnswerOf, type StoreAnswer } from '../engine/store/store-answer';
import type { Escalation } from '../engine/store/task-store';
import { keepsakesOf } from './keepsakes';
import type { RememberingStore } from './remembered-task';
import type { StorableTask } from './storable-task';

/** How long a review that could not be stored is retried in the background, in ms: five minutes. */
const noteOwedForMs = 5 * 60_000;

/**
 * Records a run that needed no claim: its numbers when answered, its review when escalated, its calls when cancelled.
 */
export async function noteRun(
	task: StorableTask,
	outcome: Outcome,
	token: string,
	{ tasks, owed }: RememberingStore,
): Promise<StoreAnswer<void>> {
	const keep = keepsakesOf(task, token);
	const { identity, cancel, clock } = task;
	switch (outcome.kind) {
		case 'answered':
			// The answer is never replayed, so only its numbers are stored, and one try is enough for them.
			return await answerOf(async () => {
				await tasks.note(identity, { kind: 'answered', ...keep.numbers(outcome), payload: null });
			});
		case 'escalated': {
			if (task.whenAllFail === 'error')
				return await answerOf(async () => await tasks.addToLedger(keep.failed(outcome)));
			let review: Escalation | undefined;
			const note = async () => {
				review ??= keep.escalation(outcome);
				await tasks.note(identity, { kind: 'escalated', ...review });
			};
			const noted = await persistentAnswerOf(note, clock, cancel);
			if (noted.kind === 'failed') owed.owe(identity.key, note, clock.now() + noteOwedForMs);
			return noted;
		}
		case 'cancelled':
			// Cancelling must be immediate: this is not awaited, and its errors are ignored.
			void answerOf(async () => await tasks.addToLedger(keep.calls(outcome)));
			return { kind: 'done', value: undefined };
	}
}
