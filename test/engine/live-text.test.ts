import { beforeEach, describe, expect, it } from 'vitest';

import { runChain } from '../../nodes/ResilientLlm/engine/chain';
import type { Step, Task } from '../../nodes/ResilientLlm/engine/task';
import { answer, fail, portsOf, scriptedStep, taskOf, type Act } from './scripted-step';
import { createVirtualClock, type VirtualClock } from './virtual-clock';

let clock: VirtualClock;
let heard: string;

beforeEach(() => {
	clock = createVirtualClock();
	heard = '';
});

/** A step that says these pieces, with a pause before each, and then ends its call as scripted. */
function speaking(pieces: readonly string[], end: Act, pauseMs = 0): Step {
	const step = scriptedStep(clock, [end], { attemptTimeoutMs: 10_000 });
	return {
		...step,
		async complete(request, signal) {
			for (const piece of pieces) {
				await clock.wait(pauseMs, signal);
				// An SDK may go on although its signal has fired.
				request.live?.(piece);
			}
			return await step.complete(request, signal);
		},
	};
}

async function run(steps: readonly Step[], more: Partial<Task> = {}) {
	const live = (text: string) => void (heard += text);
	return await clock.drive(runChain(taskOf(clock, steps, { live, ...more }), portsOf(clock)));
}

describe('an answer that is read along', () => {
	it('comes from the next model when the first one fails before its first word', async () => {
		const outcome = await run([speaking([], fail('overloaded')), speaking(['fi', 'ne'], answer('fine'))]);
		expect([outcome.kind, heard]).toEqual(['answered', 'fine']);
	});

	it.each([
		['a cut', fail('network')],
		['an overload, which is usually retried', fail('overloaded')],
		['a refusal in the middle', answer('fi', { finishReason: 'content_filter' })],
		['the end of the output limit', answer('fi', { finishReason: 'length' })],
	])('that began is never followed by another: %s', async (_, end) => {
		const next = scriptedStep(clock, [answer('other')]);
		const outcome = await run([speaking(['fi'], end), next]);
		expect([outcome.kind, heard, next.calls.length, outcome.attempts.length]).toEqual(['escalated', 'fi', 0, 1]);
	});

	it('may take longer than an attempt, as long as it goes on coming', async () => {
		const outcome = await run([speaking(['a', 'b', 'c', 'd'], answer('abcd'), 9000)]);
		expect([outcome.kind, heard]).toEqual(['answered', 'abcd']);
	});

	it('that stops coming is over after the limit of an attempt, and what it says later is not heard', async () => {
		const late = { ...speaking(['a', 'b'], answer('ab'), 9000), maxAttempts: 1 };
		const outcome = await run([late], { deadline: clock.now() + 12_000 });
		expect(outcome).toMatchObject({ kind: 'escalated', attempts: [{ reason: 'timeout', latencyMs: 12_000 }] });
		expect(heard).toBe('a');
		const stalled = { ...speaking([], answer('a')), complete: speaking(['a'], { kind: 'hang' }).complete };
		const other = await run([stalled]);
		expect(other).toMatchObject({
			attempts: [{ reason: 'timeout', latencyMs: 10_000, message: 'The answer stopped coming for 10 s' }],
		});
	});

	it('of which nothing came is retried like any other', async () => {
		const step = scriptedStep(clock, [fail('overloaded'), answer('fine')]);
		expect((await run([step])).kind).toBe('answered');
		expect(step.calls).toHaveLength(2);
	});
});
