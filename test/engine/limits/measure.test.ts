import { describe, expect, it } from 'vitest';

import { defaultGatePolicy as policy } from '../../../nodes/ResilientLlm/engine/limits/gate-policy';
import {
	countStart,
	firstMeasure,
	lessOneTaken,
	measureFrom,
	measureOpensAt,
	uncountStart,
	type Measure,
} from '../../../nodes/ResilientLlm/engine/limits/measure';

const perCallMs = ({ periodMs, calls }: Measure) => periodMs / calls;

/** When `count` calls start that go as early as they may. */
function startsUnder(measure: Measure, count: number): number[] {
	const starts: number[] = [];
	let state = measure;
	let now = 0;
	for (let call = 0; call < count; call += 1) {
		now = measureOpensAt(state, now);
		starts.push(now);
		state = countStart(state, now, 0, policy);
	}
	return starts;
}

describe('what a refusal teaches', () => {
	it('calls go out a little slower than they were taken: on the very edge the next one would be refused', () => {
		const measure = measureFrom({ calls: 20, spanMs: 20_000 }, 20, undefined, 500, policy);
		expect(perCallMs(measure)).toBe(1050);
	});

	it('calls are spread, unless a long pause after them looks like a window', () => {
		expect(measureFrom({ calls: 20, spanMs: 20_000 }, 20, undefined, 500, policy).calls).toBe(1);
		const window = measureFrom({ calls: 60, spanMs: 60_000 }, 60, undefined, 57_000, policy);
		expect(window).toMatchObject({ calls: 60, periodMs: 63_000 });
		expect(startsUnder(window, 62).slice(58)).toEqual([0, 0, 63_000, 63_000].map((ms) => expect.closeTo(ms)));
	});

	it('many calls a second are not timed one by one', () => {
		const measure = measureFrom({ calls: 1000, spanMs: 1000 }, 1000, undefined, 100, policy);
		expect(measure.periodMs).toBeGreaterThanOrEqual(policy.shortestPeriodMs);
		expect(perCallMs(measure)).toBeCloseTo(1.05);
	});

	it('one refusal after many calls does not slow them down', () => {
		const before = measureFrom({ calls: 20, spanMs: 20_000 }, 20, undefined, 500, policy);
		const after = measureFrom({ calls: 30, spanMs: 60_000 }, before.patience, before, 500, policy);
		expect(perCallMs(after)).toBe(perCallMs(before));
		const sooner = measureFrom({ calls: 30, spanMs: 60_000 }, before.patience - 1, before, 500, policy);
		expect(perCallMs(sooner)).toBe(2100);
	});

	it('a refusal after a raise takes the raise back', () => {
		let state = measureFrom({ calls: 20, spanMs: 20_000 }, 20, undefined, 500, policy);
		const before = perCallMs(state);
		for (let call = 0; call <= policy.enoughCalls; call += 1) state = countStart(state, call * 2000, 0, policy);
		expect(perCallMs(state)).toBeCloseTo(before / 1.1);
		expect(perCallMs(measureFrom({ calls: 30, spanMs: 60_000 }, 100, state, 500, policy))).toBe(before);
	});
});

describe('the first refusal', () => {
	it('teaches nothing when its pause is long, or when few calls were taken', () => {
		expect(firstMeasure({ calls: 100, spanMs: 3000 }, 2001, policy)).toBeUndefined();
		expect(firstMeasure({ calls: 7, spanMs: 100 }, 1000, policy)).toBeUndefined();
	});

	it('teaches how many calls were taken in a short pause', () => {
		expect(firstMeasure({ calls: 10, spanMs: 100 }, 1000, policy)).toMatchObject({ calls: 10, periodMs: 1050 });
		expect(firstMeasure({ calls: 40, spanMs: 4000 }, 1000, policy)).toMatchObject({ calls: 10, periodMs: 1050 });
	});
});

describe('a measure', () => {
	it('is raised as fast as it is taken', () => {
		const learned = measureFrom({ calls: 4, spanMs: 60_000 }, 4, undefined, 1000, policy);
		const starts = startsUnder(learned, 40);
		const gaps = starts.slice(1).map((start, index) => start - starts[index]!);
		expect(gaps[0]).toBe(15_750);
		expect(gaps.at(-1)).toBeLessThan(15_750 / 9);
		for (const [index, gap] of gaps.slice(1).entries()) expect(gap).toBeLessThanOrEqual(gaps[index]! + 1e-6);
	});

	it('is not raised before a refusal of its calls could have come back', () => {
		let state = measureFrom({ calls: 4, spanMs: 400 }, 4, undefined, 10, policy);
		const before = perCallMs(state);
		for (let call = 0; call < 20; call += 1) state = countStart(state, call, 400, policy);
		expect(perCallMs(state)).toBe(before);
		expect(perCallMs(countStart(state, 400, 400, policy))).toBeLessThan(before);
	});

	it('waits longer for its raise where a refusal costs many calls', () => {
		const confirmed = measureFrom({ calls: 20, spanMs: 2000 }, 20, undefined, 900, policy);
		const dear = measureFrom({ calls: 20, spanMs: 2000 }, 0, confirmed, 900, policy);
		expect(dear.patience).toBeCloseTo((policy.raisesPerPause * 900) / 105);
		expect(confirmed.patience).toBe(policy.enoughCalls);
	});

	it('counts a late refusal against what it was learned from', () => {
		const measure = measureFrom({ calls: 5, spanMs: 5000 }, 5, undefined, 500, policy);
		expect(perCallMs(lessOneTaken(measure))).toBeCloseTo((1.05 * 5000) / 4);
		const single = measureFrom({ calls: 1, spanMs: 5000 }, 1, undefined, 500, policy);
		expect(perCallMs(lessOneTaken(single))).toBe(5250);
	});

	it('gives back the place of a call that was not made', () => {
		const window = measureFrom({ calls: 2, spanMs: 10_000 }, 2, undefined, 9000, policy);
		const used = countStart(countStart(window, 10, 0, policy), 20, 0, policy);
		expect(measureOpensAt(used, 30)).toBe(10_510);
		expect(measureOpensAt(uncountStart(used, 20), 30)).toBe(30);
		expect(uncountStart(used, 15)).toBe(used);
	});
});
