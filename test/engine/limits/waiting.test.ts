import { describe, expect, it } from 'vitest';

import type { CallEnd } from '../../../nodes/ResilientLlm/engine/limits/call-end';
import {
	createRateLimitGates,
	type Caller,
	type GateClosed,
	type GatePass,
} from '../../../nodes/ResilientLlm/engine/limits/rate-limit-gates';
import { createVirtualClock } from '../virtual-clock';

const never = new AbortController().signal;
const refusedFor = (retryAfterMs: number | undefined): CallEnd => ({ kind: 'refused', retryAfterMs });

function world() {
	const clock = createVirtualClock();
	const gates = createRateLimitGates(clock);
	const begun = clock.now();
	const caller = (more: Partial<Caller> = {}): Caller => ({
		execution: 'batch',
		isAgain: false,
		endsAt: begun + 300_000,
		timeoutMs: 45_000,
		longestPauseMs: Number.POSITIVE_INFINITY,
		isWanted: () => true,
		cancel: never,
		...more,
	});
	const settled: { readonly who: string; readonly at: number; readonly result: GatePass | GateClosed }[] = [];
	return {
		clock,
		gates,
		begun,
		settled,
		/** Who was let in or turned away, and when, in ms from the beginning. */
		story: () => settled.map(({ who, at, result }) => `${who} ${result.kind === 'pass' ? 'in' : result.reason} ${at}`),
		enter: (who: string, more: Partial<Caller> = {}, target = 'target') => {
			void Promise.resolve(gates.enter(target, caller(more))).then((result) => {
				settled.push({ who, at: Math.round(clock.now() - begun), result });
			});
		},
		leave: (pass: GatePass | GateClosed, end: CallEnd) => {
			if (pass.kind !== 'pass') throw new Error('It was turned away');
			const isNews = gates.leave(pass, end);
			gates.wake(pass.target);
			return isNews;
		},
		passNow: (more: Partial<Caller> = {}, target = 'target') => {
			const pass = gates.enter(target, caller(more));
			if (pass instanceof Promise || pass.kind !== 'pass') throw new Error('The gate is not free');
			return pass;
		},
		pass: (ms: number) => clock.drive(clock.wait(ms, never)),
		settle: () => clock.drive(Promise.resolve()),
	};
}

describe('a free gate', () => {
	it('gives a pass at once, without a promise', () => {
		const { gates, passNow } = world();
		expect(gates.leave(passNow(), { kind: 'answered' })).toBe(true);
	});

	it('lets five calls out to a target that nobody has called, and more as it takes them', async () => {
		const { enter, story, pass, passNow, leave, settle } = world();
		const passes = Array.from({ length: 5 }, () => passNow());
		enter('sixth');
		enter('seventh');
		await settle();
		expect(story()).toEqual([]);
		await pass(100);
		leave(passes[0]!, { kind: 'answered' });
		await settle();
		expect(story()).toEqual(['sixth in 100', 'seventh in 100']);
	});

	it('does not double faster than refusals come back, however fast the answers are', async () => {
		const { enter, settled, pass, passNow, leave, settle } = world();
		const first = Array.from({ length: 5 }, () => passNow());
		for (let call = 0; call < 100; call += 1) enter('waiting');
		await pass(50);
		for (const one of first) leave(one, { kind: 'answered' });
		await settle();
		expect(settled.length, 'in half the time, less than twice as many').toBeLessThanOrEqual(7);
		for (let round = 0; round < 3; round += 1) {
			for (const { result } of settled.splice(0)) leave(result, { kind: 'answered' });
			await settle();
			expect(settled.length).toBeLessThanOrEqual(7);
		}
	});

	it('does not wait for slow answers: silence is as good, after a while', async () => {
		const { enter, story, pass, passNow } = world();
		for (let call = 0; call < 5; call += 1) passNow();
		for (const who of ['6', '7', '8', '9', '10']) enter(who);
		await pass(510);
		// Five more calls at once are twice as many, after half a second.
		expect(story()).toEqual(['6', '7', '8', '9', '10'].map((who) => expect.stringContaining(`${who} in `)));
		expect(Number(story().at(-1)?.split(' ').at(-1))).toBeCloseTo(500, -1);
		expect(Number(story()[0]?.split(' ').at(-1)), 'one by one').toBeLessThan(200);
	});
});

describe('whoever waits', () => {
	it('is let in before somebody who comes later', async () => {
		const { enter, story, clock, pass, passNow, leave } = world();
		// This timer is set before the gate's own, and fires first.
		void clock.wait(1000, never).then(() => enter('newcomer'));
		leave(passNow(), refusedFor(1000));
		enter('first');
		await pass(2000);
		expect(story()[0]).toBe('first in 1000');
	});

	it('is let in when the server’s pause is over', async () => {
		const { enter, story, pass, passNow, leave } = world();
		leave(passNow(), refusedFor(20_000));
		enter('first');
		await pass(30_000);
		expect(story()).toEqual(['first in 20000']);
	});

	it('is turned away at once when the server’s pause does not fit', async () => {
		const { enter, story, settle, passNow, leave } = world();
		leave(passNow(), refusedFor(20_000));
		enter('short of time', { endsAt: world().begun + 20_500 });
		enter('with somewhere else to go', { longestPauseMs: 10_000 });
		await settle();
		expect(story()).toEqual(['short of time limit 0', 'with somewhere else to go limit 0']);
	});

	it('hears at once of a longer pause', async () => {
		const { enter, story, pass, settle, passNow, leave, begun } = world();
		const [one, other] = [passNow(), passNow()];
		leave(one, refusedFor(5000));
		enter('patient');
		enter('short of time', { endsAt: begun + 10_000 });
		await pass(100);
		expect(story()).toEqual([]);
		expect(leave(other, refusedFor(9500)), 'it could be expected').toBe(false);
		await settle();
		expect(story()).toEqual(['short of time limit 100']);
		await pass(10_000);
		expect(story()).toContain('patient in 9600');
	});

	it('hears at once when its call is not wanted any more', async () => {
		const { enter, story, pass, settle, gates, passNow, leave } = world();
		let isWanted = true;
		leave(passNow(), refusedFor(20_000));
		enter('one', { isWanted: () => isWanted });
		enter('other', { isWanted: () => isWanted });
		await pass(10);
		isWanted = false;
		gates.wake('target');
		await settle();
		expect(story()).toEqual(['one unwanted 10', 'other unwanted 10']);
	});

	it('goes when its execution is cancelled, and leaves its place to others', async () => {
		const { enter, story, pass, settle, passNow, leave } = world();
		const cancel = new AbortController();
		leave(passNow(), refusedFor(1000));
		for (let item = 0; item < 1000; item += 1) enter('cancelled', { cancel: cancel.signal });
		enter('other', { execution: 'other' });
		await pass(10);
		cancel.abort();
		await settle();
		expect(story().filter((line) => line === 'cancelled cancelled 10')).toHaveLength(1000);
		await pass(2000);
		expect(story().at(-1)).toBe('other in 1000');
	});

	it('is not kept from calling by passes that were not used', async () => {
		const { enter, story, settle, passNow, leave } = world();
		const passes = Array.from({ length: 5 }, () => passNow());
		enter('waiting');
		leave(passes[0]!, { kind: 'unused' });
		await settle();
		expect(story()).toEqual(['waiting in 0']);
	});

	it('is forgotten for no other target', async () => {
		const { enter, story, pass, passNow, leave } = world();
		leave(passNow(), refusedFor(1000));
		enter('waiting');
		for (let index = 0; index < 3000; index += 1) passNow({}, `model from item ${index}`);
		enter('another');
		await pass(999);
		expect(story()).toEqual([]);
		await pass(1);
		expect(story()[0]).toBe('waiting in 1000');
	});

	it('calls at the last moment when all that holds it is a guess', async () => {
		const { enter, story, pass, passNow, begun } = world();
		for (let call = 0; call < 5; call += 1) passNow();
		for (let item = 0; item < 10; item += 1) enter('in time', { endsAt: begun + 1200 });
		await pass(199);
		expect(story().length).toBeLessThan(10);
		await pass(1);
		expect(story()).toEqual(Array.from({ length: 10 }, () => expect.stringMatching(/^in time in (1\d\d|200)$/)));
	});

	it('has as much time left for its call as answers have taken so far', async () => {
		const { enter, story, pass, passNow, leave, begun } = world();
		const slow = passNow();
		await pass(8000);
		leave(slow, { kind: 'answered' });
		for (let call = 0; call < 5; call += 1) passNow();
		for (let item = 0; item < 4000; item += 1) enter('later');
		enter('in a hurry', { execution: 'other', endsAt: begun + 16_100 });
		await pass(100);
		expect(story()).toContainEqual(expect.stringMatching(/^in a hurry in 80(8\d|9\d)$/));
	});
});

describe('executions take turns', () => {
	const paced = async () => {
		const given = world();
		const { passNow, pass, leave } = given;
		// Refused twice, with one call taken in between: now one call goes out at a time.
		leave(passNow(), refusedFor(1000));
		return { ...given, passNow, pass, leave };
	};

	it('so that a single item beside a batch of a thousand is one of the next two', async () => {
		const { enter, settled, pass } = await paced();
		for (let item = 0; item < 1000; item += 1) enter(`batch ${item}`);
		await pass(500);
		enter('interactive', { execution: 'interactive' });
		await pass(3000);
		expect(settled.findIndex(({ who }) => who === 'interactive')).toBeLessThanOrEqual(1);
	});

	it('and each of them gets as much as any other', async () => {
		const { enter, settled, pass } = await paced();
		for (const execution of ['a', 'b', 'c']) {
			for (let item = 0; item < (execution === 'a' ? 500 : 20); item += 1) enter(execution, { execution });
		}
		await pass(20_000);
		const first = settled.slice(0, 60).map(({ who }) => who);
		for (const execution of ['a', 'b', 'c']) expect(first.filter((who) => who === execution)).toHaveLength(20);
	});

	it('and within one of them whoever was refused before comes first, then whoever came first', async () => {
		const { enter, settled, pass } = await paced();
		for (const who of ['first', 'second', 'third']) enter(who);
		enter('refused before', { isAgain: true });
		await pass(5000);
		// The first call after a refusal may be refused, too: it is made by one that was not refused yet.
		expect(settled.map(({ who }) => who)).toEqual(['first', 'refused before', 'second', 'third']);
	});
});
