import { describe, expect, it } from 'vitest';

import { endCall, type CallEnd } from '../../../nodes/ResilientLlm/engine/limits/call-end';
import { startCall } from '../../../nodes/ResilientLlm/engine/limits/call-start';
import { defaultGatePolicy as policy } from '../../../nodes/ResilientLlm/engine/limits/gate-policy';
import {
	newGate,
	openingOf,
	type CallStart,
	type GateState,
} from '../../../nodes/ResilientLlm/engine/limits/gate-state';

const answered: CallEnd = { kind: 'answered' };
const refused = (retryAfterMs?: number): CallEnd => ({ kind: 'refused', retryAfterMs });

/** A gate whose calls a test starts and ends by hand. */
function gate() {
	let state = newGate(0, policy);
	return {
		get state() {
			return state;
		},
		start(now: number, waited = true): CallStart {
			const [next, call] = startCall(state, { waited, inHurry: false }, now, policy);
			state = next;
			return call;
		},
		end(call: CallStart, end: CallEnd, now: number): boolean {
			const { state: next, isNews } = endCall(state, call, end, now, policy);
			state = next;
			return isNews;
		},
		/** When the server's word and all guesses allow the next call. */
		opensAt(now: number): number {
			const { at } = openingOf(state, false, now, policy);
			return at <= now ? now : this.opensAt(at);
		},
		opening: (now: number) => openingOf(state, false, now, policy),
	};
}

type Gate = ReturnType<typeof gate>;

/** Starts calls as early as they may until `count` were taken; the server takes them and says nothing more. */
function takeCalls(given: Gate, from: number, count: number): number {
	let now = from;
	for (let call = 0; call < count; call += 1) {
		now = given.opensAt(now);
		given.end(given.start(now), answered, now);
	}
	return now;
}

/** One more call, which is refused a tenth of a second later. */
function refuseCall(given: Gate, now: number, retryAfterMs?: number): number {
	const at = given.opensAt(now);
	given.end(given.start(at), refused(retryAfterMs), at + 100);
	return at + 100;
}

describe('the server’s word', () => {
	it('closes the gate, and is told from a guess', () => {
		const given = gate();
		expect(given.opening(0)).toEqual({ at: 0, by: 'guess' });
		refuseCall(given, 0, 20_000);
		expect(given.opening(5000)).toEqual({ at: 20_100, by: 'word' });
		expect(given.opening(20_100)).toEqual({ at: 20_100, by: 'guess' });
	});

	it('is believed for an hour', () => {
		const given = gate();
		refuseCall(given, 0, 1e12);
		expect(given.opensAt(1000)).toBe(100 + 3_600_000);
	});

	it('lets a single call out after an hour, even when others were taken before', () => {
		const given = gate();
		const [taken, other] = [given.start(0), given.start(0)];
		given.end(other, refused(1e12), 100);
		given.end(taken, answered, 1000);
		const now = given.opensAt(1000);
		given.start(now);
		expect(given.opensAt(now)).toBeGreaterThan(now + 100);
	});

	it('is never shortened by a later one', () => {
		const given = gate();
		const [one, other] = [given.start(0), given.start(0)];
		given.end(one, refused(20_000), 100);
		given.end(other, refused(1000), 200);
		expect(given.opensAt(300)).toBe(20_100);
	});
});

describe('a refusal', () => {
	it('is news once: calls that were under way by then could expect theirs', () => {
		const given = gate();
		const calls = Array.from({ length: 5 }, () => given.start(0));
		expect(calls.map((call, index) => given.end(call, refused(1000), 100 + index))).toEqual([
			true,
			false,
			false,
			false,
			false,
		]);
		expect(given.end(given.start(given.opensAt(200)), refused(1000), 2000)).toBe(true);
	});

	it('without a word is followed by a rest, which grows as long as nothing is taken', () => {
		const given = gate();
		const rests: number[] = [];
		let now = 0;
		for (let call = 0; call < 20; call += 1) {
			now = refuseCall(given, now);
			rests.push(given.opensAt(now) - now);
		}
		expect(rests[0]).toBe(policy.restMs);
		expect(rests[1]).toBeCloseTo(policy.restMs * policy.restGrowth);
		expect(rests.at(-1)).toBe(policy.longestRestMs);
		expect(given.opening(now).by).toBe('guess');

		const taken = takeCalls(given, now, 1);
		now = refuseCall(given, taken);
		expect(given.opensAt(now) - now).toBe(policy.restMs);
	});

	it('is followed by time enough for the calls under way to tell what became of them, but no more', () => {
		const given = gate();
		given.end(given.start(0), refused(10), 100);
		expect(given.opensAt(110)).toBe(250);
		const slow = gate();
		slow.end(slow.start(0), refused(10), 40_000);
		expect(slow.opensAt(40_010)).toBe(41_500);
	});

	it('of a target in low traffic leaves nothing but its pause', () => {
		const given = gate();
		for (let call = 0; call < 5; call += 1) given.end(given.start(8000 * call, false), answered, 8000 * call + 1000);
		given.end(given.start(40_000, false), refused(30_000), 40_100);
		expect(given.opensAt(80_000)).toBe(80_000);
		given.start(80_000, false);
		expect(given.state.measure).toBeUndefined();
	});

	it('after one before teaches how many calls were taken in between', () => {
		const given = gate();
		let now = refuseCall(given, takeCalls(given, 0, 3), 1000);
		const reopened = given.opensAt(now);
		now = refuseCall(given, takeCalls(given, now, 4), 5000);
		const next = given.opensAt(now);
		given.start(next);
		expect(given.state.measure?.learnedFrom).toEqual({ calls: 4, spanMs: next - reopened });
	});

	it('makes calls go out as seldom as one was taken, when each try but one was refused', () => {
		const given = gate();
		let now = refuseCall(given, takeCalls(given, 0, 3), 1000);
		const taken = given.opensAt(now);
		now = refuseCall(given, takeCalls(given, now, 1), 1000);
		for (let call = 0; call < 5; call += 1) now = refuseCall(given, now, 1000);
		const next = given.opensAt(now);
		given.start(next);
		expect(given.state.measure?.learnedFrom).toEqual({ calls: 1, spanMs: expect.closeTo(next - taken, -2) });
	});

	it('that comes after the gate has opened again counts against what was learned', () => {
		const given = gate();
		let now = refuseCall(given, 0, 1000);
		now = given.opensAt(now);
		const late = given.start(now);
		now = refuseCall(given, takeCalls(given, now, 3), 1000);
		now = given.opensAt(now);
		given.start(now);
		const { calls } = given.state.measure!.learnedFrom;
		const callMs = (state: GateState) => state.measure!.periodMs / state.measure!.calls;
		const before = callMs(given.state);
		expect(given.end(late, refused(1000), now + 10)).toBe(false);
		expect(given.state.measure!.learnedFrom.calls).toBe(calls - 1);
		expect(callMs(given.state)).toBeCloseTo((before * calls) / (calls - 1));
	});

	it('makes the next calls go out one after the other', () => {
		const given = gate();
		const now = refuseCall(given, takeCalls(given, 0, 3), 1000);
		const reopened = given.opensAt(now);
		given.start(reopened);
		given.start(reopened);
		expect(given.opensAt(reopened)).toBeGreaterThan(reopened);
	});
});

describe('what was learned', () => {
	const learned = () => {
		const given = gate();
		let now = refuseCall(given, takeCalls(given, 0, 3), 1000);
		now = refuseCall(given, takeCalls(given, now, 4), 5000);
		return { given, now: takeCalls(given, now, 1) };
	};

	it('is forgotten when nobody has called for two minutes', () => {
		const { given, now } = learned();
		expect(given.state.measure).toBeDefined();
		given.end(given.start(now + 60_000, false), answered, now + 60_100);
		expect(given.state.measure).toBeDefined();
		given.end(given.start(now + 130_000, false), answered, now + 130_100);
		expect(given.state).toMatchObject({ measure: undefined, evidence: { calls: 0, spanMs: 0 }, refusedAt: undefined });
	});

	it('is not forgotten while somebody waits for it', () => {
		const { given, now } = learned();
		given.start(now + 130_000, true);
		expect(given.state.measure).toBeDefined();
	});

	it('of calls at once, half remains for the next batch', () => {
		const given = gate();
		const calls = Array.from({ length: 40 }, () => given.start(given.opensAt(10_000)));
		for (const call of calls) given.end(call, answered, 20_000);
		const batch = Array.from({ length: 20 }, () => {
			expect(given.opensAt(30_000)).toBe(30_000);
			return given.start(30_000, false);
		});
		expect(given.opensAt(30_000)).toBeGreaterThan(30_000);
		for (const call of batch) given.end(call, answered, 31_000);
	});
});

it('remembers for some time how long the slower answers take', () => {
	const given = gate();
	given.end(given.start(0), answered, 8000);
	given.end(given.start(9000), answered, 9100);
	expect(given.state.answerMs).toBeGreaterThan(7000);
	for (let call = 0; call < 100; call += 1) given.end(given.start(10_000), answered, 10_100);
	expect(given.state.answerMs).toBeLessThan(200);
});

describe('a call that is not made', () => {
	it('leaves no trace', () => {
		const given = gate();
		const now = refuseCall(given, takeCalls(given, 0, 3), 1000);
		const reopened = given.opensAt(now);
		given.start(reopened);
		const before = given.state;
		given.end(given.start(reopened), { kind: 'unused' }, reopened);
		expect(given.state).toEqual({ ...before, ramp: { ...before.ramp, most: 2 } });
	});
});

it('is plain data: it can be written down and read again', () => {
	const given = gate();
	let now = refuseCall(given, takeCalls(given, 0, 12), 1000);
	now = takeCalls(given, now, 5);
	const read = JSON.parse(JSON.stringify(given.state)) as GateState;
	expect(read).toEqual(given.state);
	expect(openingOf(read, false, now, policy)).toEqual(given.opening(now));
	expect(JSON.parse(JSON.stringify(gate().state))).toEqual(gate().state);
});
