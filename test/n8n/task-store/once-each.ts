import { expect, test } from 'vitest';
import type { CountedModel } from './counted-model.ts';
import type { InterruptedRun } from './interrupted-run.ts';
import type { SentCall } from './sender.ts';

/** What holds for every store and every way to end: each task is answered once, paid for once, and never lost. */
export function testOnceEach(ranOn: () => { readonly run: InterruptedRun; readonly model: CountedModel }): void {
	test('every call gets the answer to its task, or is told that another run still holds it', () => {
		const { sent } = ranOn().run;
		expect(sent).toHaveLength(200);
		expect(
			sent.filter(({ taskId, reply }) => !isAnswerTo(taskId, reply.output) && reply.reasonCode !== 'task_in_progress'),
		).toEqual([]);
	});

	test('only tasks that the killed process worked on are still held', () => {
		const { sent, underWay } = ranOn().run;
		const lost = new Set(underWay.map(({ taskId }) => taskId));
		expect(sent.filter(({ taskId, reply }) => reply.reasonCode === 'task_in_progress' && !lost.has(taskId))).toEqual(
			[],
		);
	});

	test('once its leases are over every task has one answer, the same for all of its calls', () => {
		const { sent, afterwards, taskIds } = ranOn().run;
		expect(afterwards.filter(({ taskId, reply }) => !isAnswerTo(taskId, reply.output))).toEqual([]);
		expect(afterwards).toHaveLength(taskIds.length);
		expect(new Set([...sent, ...afterwards].flatMap(({ reply }) => reply.output ?? [])).size).toBe(taskIds.length);
	});

	test('the model gives one answer to every task, and works once more only on what the killed process lost', () => {
		const { run, model } = ranOn();
		expect(tasksIn('delivered')).toEqual(run.taskIds.toSorted());
		expect(tasksIn('lost')).toEqual(run.underWay.map(({ taskId }) => taskId).toSorted());
		expect(tasksIn('under way')).toEqual([]);

		function tasksIn(state: string): readonly string[] {
			return model.generations
				.filter((generation) => generation.state === state && run.taskIds.includes(generation.taskId))
				.map(({ taskId }) => taskId)
				.toSorted();
		}
	});

	test('what was answered before is answered from the store', () => {
		const { afterwards, doneBefore } = ranOn().run;
		const isReplay = ({ reply }: SentCall) => reply.replayed === true;
		expect(doneBefore.length).toBeGreaterThan(0);
		expect(afterwards.filter((call) => doneBefore.includes(call.taskId) && !isReplay(call))).toEqual([]);
	});
}

function isAnswerTo(taskId: string, output: string | undefined): boolean {
	return output?.startsWith(`Answer to ${taskId},`) === true;
}
