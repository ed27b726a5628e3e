import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { generate, useVendors, type GenerateRun } from './fixture';
import { step } from './resilient-workflow';
import type { Fate } from './simulated-vendors';

const suite = useVendors();

const items = (count: number) => Array.from({ length: count }, (_, index) => ({ json: { text: `item ${index}` } }));
const refusal = (retryAfterMs: number): Fate => ({ status: 429, headers: { 'retry-after-ms': String(retryAfterMs) } });

interface Options {
	readonly steps?: readonly object[];
	readonly concurrency: number;
	readonly deadlineSeconds: number;
}

const openAi = step('openAi', 'gpt-6-luna', { maxAttempts: 3 });
const anthropic = step('anthropic', 'claude-haiku-5-5', { maxAttempts: 3 });

/** Runs the node in n8n's own engine, over HTTP, with real timers. */
async function run(
	count: number,
	{ steps = [openAi], ...options }: Options,
): Promise<GenerateRun & { tookMs: number }> {
	const parameters = { providerOrder: { step: [...steps] }, taskStore: 'none', options };
	const begun = performance.now();
	const ended = await generate(suite.vendors, { parameters, items: items(count) } as Parameters<typeof generate>[1]);
	return { ...ended, tookMs: performance.now() - begun };
}

function uncalled({ escalate }: GenerateRun): number {
	const attemptsOf = (json: object) => (json as { attempts: { outcome: string }[] }).attempts;
	return escalate.filter(({ json }) => attemptsOf(json).every(({ outcome }) => outcome === 'skipped')).length;
}

/** The cases in which version 0.1.0 turned healthy providers away. Long ones are told ten to twenty times as fast. */
describe('a rate limit that is only guessed turns nobody away', () => {
	it('300 calls in 15 s, four left in the first window, 200 items at once, a minute each: a tenth of all times', async () => {
		const taken = new Map<number, number>([[0, 296]]);
		let begun = 0;
		suite.vendors.decide = () => {
			begun ||= performance.now();
			const passedMs = performance.now() - begun;
			const window = passedMs < 1400 ? 0 : 1 + Math.floor((passedMs - 1400) / 1500);
			const used = taken.get(window) ?? 0;
			if (used >= 300) return refusal(Math.ceil(1400 + window * 1500 - passedMs));
			taken.set(window, used + 1);
			return { answer: 'fine', afterMs: 100 };
		};
		const options = { concurrency: 100, deadlineSeconds: 6 };
		const executions = await Promise.all([run(100, options), run(100, options)]);
		expect(executions.map(uncalled)).toEqual([0, 0]);
		expect(executions.map(({ success }) => success.length)).toEqual([100, 100]);
	});

	it.each([1, 2])('low traffic, one 429, then a batch of 100: a twentieth of all times (steps: %d)', async (steps) => {
		let calls = 0;
		suite.vendors.decide = (vendor) => {
			calls += vendor === 'openAi' ? 1 : 0;
			return calls === 4 ? refusal(1500) : { answer: `fine from ${vendor}`, afterMs: 50 };
		};
		const options = { steps: [openAi, anthropic].slice(0, steps), concurrency: 100, deadlineSeconds: 15 };
		for (let item = 0; item < 4; item += 1) {
			await run(1, options);
			await sleep(400);
		}
		const ended = await run(100, options);
		expect(uncalled(ended)).toBe(0);
		expect(ended.success.map(({ json }) => json.output)).toEqual(Array.from({ length: 100 }, () => 'fine from openAi'));
	});

	it('Retry-After: 0 on the first call of 1,000 costs a moment, not half a minute', { timeout: 60_000 }, async () => {
		let calls = 0;
		suite.vendors.decide = () => {
			calls += 1;
			return calls === 1 ? { status: 429, headers: { 'retry-after': '0' } } : { answer: 'fine', afterMs: 200 };
		};
		const ended = await run(1000, { concurrency: 50, deadlineSeconds: 300 });
		expect(ended.success).toHaveLength(1000);
		expect(ended.tookMs, 'the ideal is 4 s').toBeLessThan(15_000);
	});

	it('no 429 at all, 20 ms a call, a second each, 50 at once: everybody is called', async () => {
		suite.vendors.decide = () => ({ answer: 'fine', afterMs: 20 });
		// The vendor's SDK is loaded with the first call.
		await run(1, { concurrency: 1, deadlineSeconds: 60 });
		const ended = await run(100, { concurrency: 50, deadlineSeconds: 1 });
		expect(uncalled(ended)).toBe(0);
		expect(ended.success.length).toBeGreaterThanOrEqual(80);
	});
});
