import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	createCircuitBreakers,
	type CallResult,
	type Permit,
} from '../../../nodes/ResilientLlm/engine/limits/circuit-breaker';

const probeMs = 10_000;

/** The breaker as one would explain it on a whiteboard: it keeps every event and counts from scratch each time. */
class PlainBreaker {
	private events: { at: number; failed: boolean }[] = [];
	private openUntil: number | undefined;
	private openings = 0;
	private probeOutUntil: number | undefined;
	private halfOpen = false;

	constructor(private readonly now: () => number) {}

	admits(): 'call' | 'probe' | 'no' {
		if (this.openUntil === undefined && !this.halfOpen) return 'call';
		if (this.openUntil !== undefined && this.now() < this.openUntil) return 'no';
		if (this.halfOpen && this.now() < this.probeOutUntil!) return 'no';
		this.openUntil = undefined;
		this.halfOpen = true;
		this.probeOutUntil = this.now() + probeMs;
		return 'probe';
	}

	settle(probe: boolean, result: CallResult, retryAfterMs: number): void {
		const failed = result === 'counts' || result === 'opens';
		if (this.halfOpen) {
			if (!probe) return;
			if (result === 'success') this.close();
			else if (failed) this.open(retryAfterMs);
			else this.probeOutUntil = this.now();
			return;
		}
		if (this.openUntil !== undefined) {
			if (probe && result === 'success') this.close();
			else if (failed) this.openUntil = Math.max(this.openUntil, this.now() + believed(retryAfterMs));
			return;
		}
		if (result === 'ignored') return;
		this.events.push({ at: this.now(), failed });
		const trailing = [...this.events].reverse().findIndex((event) => !event.failed);
		const inARow = trailing === -1 ? this.events.length : trailing;
		const currentSlice = Math.floor(this.now() / 5000);
		const recent = this.events.filter((event) => Math.floor(event.at / 5000) > currentSlice - 12);
		const failures = recent.filter((event) => event.failed).length;
		if (result === 'opens' || (failed && (inARow >= 5 || (recent.length >= 10 && failures / recent.length >= 0.5))))
			this.open(retryAfterMs);
	}

	private open(retryAfterMs: number): void {
		this.openings += 1;
		this.openUntil =
			this.now() + Math.max(Math.min(30_000 * 2 ** (this.openings - 1), 300_000), believed(retryAfterMs));
		this.halfOpen = false;
		this.events = [];
	}

	private close(): void {
		this.openUntil = undefined;
		this.halfOpen = false;
		this.openings = 0;
		this.events = [];
	}
}

/** A Retry-After of years is believed for an hour. */
function believed(retryAfterMs: number): number {
	return Math.min(retryAfterMs, 3_600_000);
}

const step = fc.oneof(
	{ weight: 4, arbitrary: fc.constant({ kind: 'admit' as const }) },
	{
		weight: 4,
		arbitrary: fc.record({
			kind: fc.constant('settle' as const),
			which: fc.nat(20),
			result: fc.constantFrom<CallResult>('success', 'counts', 'counts', 'counts', 'opens', 'ignored'),
			retryAfterMs: fc.oneof(fc.constant(0), fc.nat(600_000), fc.constantFrom(86_400_000, 1e12)),
		}),
	},
	{ weight: 1, arbitrary: fc.constant({ kind: 'force' as const }) },
	{
		weight: 3,
		arbitrary: fc.record({
			kind: fc.constant('pass' as const),
			ms: fc.oneof(fc.nat(3000), fc.nat(400_000), fc.constant(3_500_000)),
		}),
	},
);

describe('the circuit breaker', () => {
	it('behaves like its plain model under any sequence of calls, results and pauses', () => {
		let opened = 0;
		fc.assert(
			fc.property(fc.array(step, { minLength: 20, maxLength: 150, size: 'max' }), (steps) => {
				let now = 1_000_000_000_000;
				const model = new PlainBreaker(() => now);
				const breakers = createCircuitBreakers({ now: () => now });
				const out: Permit[] = [];
				for (const action of steps) {
					switch (action.kind) {
						case 'pass':
							now += action.ms;
							break;
						case 'force':
							out.push(breakers.force('target'));
							break;
						case 'admit': {
							const expected = model.admits();
							const actual = breakers.admit('target', probeMs);
							expect(actual.kind === 'rejected' ? 'no' : actual.probe ? 'probe' : 'call').toBe(expected);
							if (actual.kind === 'permit') out.push(actual);
							break;
						}
						case 'settle': {
							const [permit] = out.splice(action.which % Math.max(1, out.length), 1);
							if (permit === undefined) break;
							model.settle(permit.probe, action.result, action.retryAfterMs);
							if (breakers.settle(permit, action.result, action.retryAfterMs).kind === 'opened') opened += 1;
						}
					}
				}
			}),
			{ numRuns: 2000 },
		);
		expect(opened, 'the sequences do open circuits').toBeGreaterThan(1000);
	});

	it('opens after half of at least ten calls failed within a minute, though never five in a row', () => {
		let now = 0;
		const breakers = createCircuitBreakers({ now: () => now });
		const call = (result: CallResult) => {
			const permit = breakers.admit('target', probeMs);
			now += 1000;
			return permit.kind === 'permit' ? breakers.settle(permit, result, 0).kind : 'rejected';
		};
		const results = Array.from({ length: 10 }, (_, index) => call(index % 2 === 0 ? 'success' : 'counts'));
		expect(results.at(-1)).toBe('opened');
		expect(results.slice(0, -1)).not.toContain('opened');
	});

	it('forgets failures that are older than the window', () => {
		let now = 0;
		const breakers = createCircuitBreakers({ now: () => now });
		for (let index = 0; index < 40; index += 1) {
			const permit = breakers.admit('target', probeMs);
			if (permit.kind !== 'permit') throw new Error('opened too early');
			breakers.settle(permit, index % 2 === 0 ? 'success' : 'counts', 0);
			now += 7000;
		}
	});

	it('is never shut for a shorter time than the server asked', () => {
		let now = 0;
		const breakers = createCircuitBreakers({ now: () => now });
		const permit = breakers.force('target');
		breakers.settle(permit, 'opens', 3_600_000);
		now = 3_599_999;
		expect(breakers.admit('target', probeMs)).toMatchObject({ kind: 'rejected', reopensAt: 3_600_000 });
	});

	it('believes a Retry-After of years for an hour; then one probe finds out', () => {
		let now = 0;
		const breakers = createCircuitBreakers({ now: () => now });
		breakers.settle(breakers.force('target'), 'opens', 1e12);
		now = 3_600_000;
		expect(breakers.admit('target', probeMs)).toMatchObject({ kind: 'permit', probe: true });
		expect(breakers.admit('target', probeMs).kind).toBe('rejected');
	});

	it('keeps targets apart', () => {
		const breakers = createCircuitBreakers({ now: () => 0 });
		breakers.settle(breakers.force('a'), 'opens', 0);
		expect(breakers.admit('b', probeMs).kind).toBe('permit');
	});

	it('remembers open circuits when a flood of other targets passes through', () => {
		const breakers = createCircuitBreakers({ now: () => 0 });
		breakers.settle(breakers.force('dead'), 'opens', 0);
		for (let index = 0; index < 5000; index += 1) breakers.admit(`model from item ${index}`, probeMs);
		expect(breakers.admit('dead', probeMs).kind).toBe('rejected');
	});
});
