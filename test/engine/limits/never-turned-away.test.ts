import { describe, expect, it } from 'vitest';

import { runChain } from '../../../nodes/ResilientLlm/engine/chain';
import type { EpochMs } from '../../../nodes/ResilientLlm/engine/clock';
import type { Outcome } from '../../../nodes/ResilientLlm/engine/outcome';
import type { ChainPorts } from '../../../nodes/ResilientLlm/engine/run';
import type { Task } from '../../../nodes/ResilientLlm/engine/task';
import { answer, fail, portsOf, scriptedStep, taskOf, type Act, type ScriptedStep } from '../scripted-step';
import { createVirtualClock, type VirtualClock } from '../virtual-clock';

/** A provider whose server decides about each call when it comes. */
function provider(clock: VirtualClock, decide: (now: EpochMs, call: number) => Act, target = 'provider'): ScriptedStep {
	const step = scriptedStep(clock, [], { target, provider: target });
	return {
		...step,
		async complete(request, signal) {
			const act = decide(clock.now(), step.calls.length);
			step.calls.push({ at: clock.now(), request });
			await clock.wait(act.takesMs ?? 0, signal);
			return act.kind === 'hang' ? fail('network') : act;
		},
	} as ScriptedStep;
}

const quick = (takesMs: number) => answer('fine', { takesMs });
const refusal = (retryAfterMs: number) => fail('rate_limited', { retryAfterMs, takesMs: 20 });

/** So many calls in each window; the first one is used up by others but for `left`, and ends after `endsAfterMs`. */
function windows(
	clock: VirtualClock,
	calls: number,
	periodMs: number,
	left: number,
	endsAfterMs: number,
	callMs: number,
) {
	const begun = clock.now();
	const taken = new Map<number, number>([[0, calls - left]]);
	return (now: EpochMs): Act => {
		const window = now - begun < endsAfterMs ? 0 : 1 + Math.floor((now - begun - endsAfterMs) / periodMs);
		const used = taken.get(window) ?? 0;
		if (used >= calls) return refusal(Math.ceil(begun + endsAfterMs + window * periodMs - now));
		taken.set(window, used + 1);
		return quick(callMs);
	};
}

interface Batch {
	readonly outcomes: readonly Outcome[];
	readonly tookMs: number;
}

async function batch(
	clock: VirtualClock,
	steps: readonly ScriptedStep[],
	items: number,
	ports: ChainPorts,
	more: Partial<Task> & { readonly deadlineMs?: number; readonly concurrency?: number } = {},
): Promise<Batch> {
	const { deadlineMs = 300_000, concurrency = items, ...task } = more;
	const begun = clock.now();
	const waiting = Array.from({ length: items }).keys();
	const outcomes: Outcome[] = [];
	const worker = async () => {
		for (const index of waiting) {
			outcomes[index] = await runChain(taskOf(clock, steps, { deadline: clock.now() + deadlineMs, ...task }), ports);
		}
	};
	await Promise.all(Array.from({ length: concurrency }, worker));
	return { outcomes, tookMs: clock.now() - begun };
}

const answeredBy = (outcomes: readonly Outcome[], step: number) =>
	outcomes.filter((outcome) => outcome.kind === 'answered' && outcome.step === step).length;

const never = new AbortController().signal;

describe('a guess may delay a call, but never turns it away', () => {
	it('answers a batch that begins when others have used up the window', async () => {
		const clock = createVirtualClock();
		const step = provider(clock, windows(clock, 300, 15_000, 4, 14_000, 1000));
		const { outcomes, tookMs } = await clock.drive(batch(clock, [step], 200, portsOf(clock), { deadlineMs: 60_000 }));
		expect(answeredBy(outcomes, 1)).toBe(200);
		expect(tookMs).toBeLessThanOrEqual(1.2 * 15_000);
	});

	it.each([1, 2])('answers a batch that comes 40 s after a refusal in low traffic (steps: %d)', async (steps) => {
		const clock = createVirtualClock();
		const first = provider(clock, (_, call) => (call === 3 ? refusal(30_000) : quick(1000)));
		const second = provider(clock, () => quick(1000), 'second');
		const order = [first, second].slice(0, steps);
		const ports = portsOf(clock);
		for (let item = 0; item < 4; item += 1) {
			await clock.drive(batch(clock, order, 1, ports));
			await clock.drive(clock.wait(8000, never));
		}
		const { outcomes, tookMs } = await clock.drive(batch(clock, order, 100, ports));
		expect(answeredBy(outcomes, 1)).toBe(100);
		expect(tookMs).toBeLessThanOrEqual(5000);
	});

	it('loses little time over a refusal that asks for no pause', async () => {
		const clock = createVirtualClock();
		const step = provider(clock, (_, call) => (call === 0 ? refusal(0) : quick(200)));
		const { outcomes, tookMs } = await clock.drive(batch(clock, [step], 1000, portsOf(clock), { concurrency: 50 }));
		expect(answeredBy(outcomes, 1)).toBe(1000);
		expect(tookMs, 'the ideal is 4 s').toBeLessThanOrEqual(6000);
	});

	it.each([0.2, 0.5, 1, 2])(
		'calls for every item of a batch with %d s time each, when nobody refuses',
		async (seconds) => {
			const clock = createVirtualClock();
			const step = provider(clock, () => quick(20));
			const more = { deadlineMs: 1000 * seconds, concurrency: 50 };
			const { outcomes } = await clock.drive(batch(clock, [step], 100, portsOf(clock), more));
			expect(answeredBy(outcomes, 1)).toBe(100);
		},
	);

	it('calls at the last moment what does not fit what was learned', async () => {
		const clock = createVirtualClock();
		const ports = portsOf(clock);
		let open = false;
		// One call in ten seconds, as long as the gate learns; after that as many as come.
		let free = clock.now();
		const step = provider(clock, (now) => {
			if (open) return quick(100);
			if (now < free) return refusal(free - now);
			free = now + 10_000;
			return quick(100);
		});
		await clock.drive(batch(clock, [step], 6, ports));
		open = true;
		const { outcomes } = await clock.drive(batch(clock, [step], 50, ports, { deadlineMs: 20_000 }));
		expect(answeredBy(outcomes, 1)).toBe(50);
	});

	it('turns away on the server’s own word, says so, and calls nobody for it', async () => {
		const clock = createVirtualClock();
		const ports = portsOf(clock);
		const step = provider(clock, () => refusal(60_000));
		const { outcomes } = await clock.drive(batch(clock, [step], 20, ports, { deadlineMs: 30_000 }));
		const uncalled = outcomes.filter(({ attempts }) => attempts.every((attempt) => attempt.outcome === 'skipped'));
		expect(uncalled.length).toBeGreaterThanOrEqual(15);
		expect(uncalled[0]?.attempts).toMatchObject([
			{ reason: 'rate_limited', message: expect.stringMatching(/^Skipped because its Retry-After lasts \d/) },
		]);
	});

	it('keeps the time of later steps free while it waits', async () => {
		const clock = createVirtualClock();
		let free = clock.now();
		const slow = provider(clock, (now) => {
			if (now < free) return refusal(free - now);
			free = now + 10_000;
			return quick(100);
		});
		const second = provider(clock, () => quick(44_000), 'second');
		const { outcomes } = await clock.drive(batch(clock, [slow, second], 40, portsOf(clock), { deadlineMs: 100_000 }));
		expect(answeredBy(outcomes, 1) + answeredBy(outcomes, 2)).toBe(40);
	});
});

describe('a Retry-After of years', () => {
	it.each([1e12, 3.3e12])('lets one call find out after an hour (%d ms)', async (retryAfterMs) => {
		const clock = createVirtualClock();
		const ports = portsOf(clock);
		let isBack = false;
		const step = provider(clock, () => (isBack ? quick(2000) : refusal(retryAfterMs)));
		await clock.drive(batch(clock, [step], 10, ports));
		const before = step.calls.length;
		await clock.drive(clock.wait(3_590_000, never));
		await clock.drive(batch(clock, [step], 10, ports, { deadlineMs: 5000 }));
		expect(step.calls.length, 'nobody is called within the hour').toBe(before);

		await clock.drive(clock.wait(15_000, never));
		await clock.drive(batch(clock, [step], 10, ports, { deadlineMs: 5000 }));
		expect(step.calls.length, 'still refused: one call').toBe(before + 1);

		isBack = true;
		await clock.drive(clock.wait(3_600_000, never));
		const { outcomes } = await clock.drive(batch(clock, [step], 10, ports));
		expect(answeredBy(outcomes, 1)).toBe(10);
	});
});
