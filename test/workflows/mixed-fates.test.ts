import { describe, expect, it } from 'vitest';

import { generate, useVendors } from './fixture';
import { plantedKey, step } from './resilient-workflow';
import { logLines } from './run-workflow';

const suite = useVendors();

/** What becomes of item number n: its prompt says so, and the vendors act on it. */
const fates = [
	{ name: 'answered', confidence: 'any', output: 'success' },
	{ name: 'anthropic-refuses', confidence: 'any', output: 'success' },
	{ name: 'all-refuse', confidence: 'any', output: 'escalate' },
	{ name: 'anthropic-refuses', confidence: 'high', output: 'escalate' },
	{ name: 'answered', confidence: 'review', output: 'escalate' },
] as const;
const fateOf = (index: number) => fates[index % fates.length]!;

const items = Array.from({ length: 100 }, (_, index) => ({
	json: { id: index, text: `item ${index} ${fateOf(index).name}`, confidence: fateOf(index).confidence },
}));
const indexesFor = (output: string) =>
	items.map(({ json }) => json.id).filter((index) => fateOf(index).output === output);

const parameters = {
	providerOrder: { step: [step('anthropic', 'claude-haiku-5-5'), step('openAi', 'gpt-6-luna')] },
	confidence: '={{ $json.confidence }}',
	options: { concurrency: 7 },
};

function decide(vendor: string, prompt: string) {
	// A malformed request says nothing about the vendor's health, so no circuit opens under the test.
	const refuses = prompt.includes('all-refuse') || (prompt.includes('anthropic-refuses') && vendor === 'anthropic');
	return refuses ? { status: 400 } : { answer: `answer to ${prompt}` };
}

describe('100 items with mixed fates', () => {
	it('come out each exactly once, in order, paired with their input', async () => {
		suite.vendors.decide = decide;
		const { success, escalate, failed } = await generate(suite.vendors, { parameters, items });

		expect(success.map(({ pairedItem }) => pairedItem)).toEqual(indexesFor('success').map((item) => ({ item })));
		expect(escalate.map(({ pairedItem }) => pairedItem)).toEqual(indexesFor('escalate').map((item) => ({ item })));
		expect(failed).toEqual([]);
		expect(success.map(({ json }) => (json.input as { id: number }).id)).toEqual(indexesFor('success'));
		expect(escalate.map(({ json }) => (json.context as { id: number }).id)).toEqual(indexesFor('escalate'));
		for (const { json } of success) {
			const { text } = json.input as { text: string };
			expect(json.output).toBe(`answer to ${text}`);
		}
	});

	it('say which tier answered, and why a human has to', async () => {
		suite.vendors.decide = decide;
		const { success, escalate } = await generate(suite.vendors, { parameters, items: items.slice(0, 5) });

		expect(success.map(({ json }) => [json.tier, json.degraded, json.provider, json.model])).toEqual([
			[1, false, 'anthropic', 'claude-haiku-5-5'],
			[2, true, 'openAi', 'gpt-6-luna'],
		]);
		expect(escalate.map(({ json }) => [json.reasonCode, json.draft])).toEqual([
			['invalid_request', null],
			['high_confidence_required', null],
			['human_review_required', 'answer to item 4 answered'],
		]);
	});

	it('never carry a field named error, for which n8n would run all items again', async () => {
		suite.vendors.decide = decide;
		const settings = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
		const { success, escalate } = await generate(suite.vendors, { parameters, items, settings });

		expect([...success, ...escalate].filter((item) => 'error' in item.json || 'error' in item)).toEqual([]);
		expect(
			suite.vendors.calls.filter(({ vendor, prompt }) => vendor === 'anthropic' && prompt === 'item 0 answered'),
		).toHaveLength(1);
	});

	it('stay on their output when errors go to an output of their own', async () => {
		suite.vendors.decide = decide;
		const { success, escalate, failed } = await generate(suite.vendors, {
			parameters,
			items,
			settings: { onError: 'continueErrorOutput' },
		});

		expect([success.length, escalate.length, failed.length]).toEqual([40, 60, 0]);
	});

	it('leave no key and no prompt in the log, and no key in any item', async () => {
		suite.vendors.decide = decide;
		const { run } = await generate(suite.vendors, { parameters, items: items.slice(0, 10) });

		expect(JSON.stringify(run.data)).not.toContain(plantedKey);
		const told = logLines.filter((line) => line.includes('resilient-llm')).join('\n');
		expect(told).toMatch(/info resilient-llm task-answered tier=1/);
		expect(told).toMatch(/warn resilient-llm step-failover fromStep=1 toStep=2 reason=invalid_request/);
		expect(told).toMatch(/warn resilient-llm task-escalated tier=3 reasonCode=invalid_request/);
		expect(told).not.toContain(plantedKey);
		expect(told).not.toMatch(/anthropic-refuses|answer to/);
	});

	it('come with hints that name the fallback, why it answered, how often, and how many went to a human', async () => {
		suite.vendors.decide = decide;
		const { hints } = await generate(suite.vendors, { parameters, items: items.slice(0, 10) });

		expect(hints('Resilient LLM').map(({ message }) => message)).toEqual([
			expect.stringMatching(/^\d tasks? of 10 went to a human, on Escalate: .+\.$/),
			'A fallback answered 2 of 10 items: OpenAI (gpt-6-luna) ×2. What kept the models before it from answering: Anthropic (claude-haiku-5-5) called the request invalid ×2.',
		]);
	});
});
