import type { Outcome } from '../engine/outcome';
import { answerOf, persistentAnswerOf, type StoreAnswer } from '../engine/store/store-answer';
import type { Escalation } from '../engine/store/task-store';
import { keepsakesOf } from './keepsakes';
import type { RememberingStore } from './remembered-task';
import type { StorableTask } from './storable-task';

/** How long a review that could not be noted is offered again in the background, in ms. */
const noteOwedForMs = 5 * 60_000;

/** Notes a run that needed no claim: its numbers when answered, its review when escalated, its calls when cancelled. */
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
			// Nobody will ask for the answer again, so only its numbers are kept, and they are worth one try.
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
			// Cancelling stops at once: nobody waits for this, or hears of it when it fails.
			void answerOf(async () => await tasks.addToLedger(keep.calls(outcome)));
			return { kind: 'done', value: undefined };
	}
}
