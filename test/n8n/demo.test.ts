import { beforeAll, describe, expect, test } from 'vitest';
import type { StoryRow } from './demo/story-row.ts';
import { runDemo } from './demo.ts';

describe('npm run demo', () => {
	const rowsOf = new Map<string, readonly StoryRow[]>();
	beforeAll(() => runDemo((name, rows) => void rowsOf.set(name, rows)));

	const answered = { output: 'Success', attempts: expect.any(Number) };

	test.each([
		['Demo 1: All well', { ...answered, tier: 1, provider: 'anthropic', model: 'claude-haiku-5-5', reason: '' }],
		['Demo 2: Anthropic is overloaded', { ...answered, tier: 2, provider: 'openAi', model: 'gpt-6-luna', reason: expect.stringContaining('anthropic') }],
		['Demo 3: Only Ollama is left', { ...answered, tier: 2, provider: 'ollama', model: 'llama3.2', reason: expect.stringContaining('openAi') }],
		['Demo 4: Everything is down', { output: 'Escalate', tier: 3, reason: expect.stringContaining('All models failed') }],
	])('%s: every ticket comes out as promised', (name, promised) => {
		const rows = rowsOf.get(name) ?? [];
		expect(rows).toHaveLength(3);
		for (const row of rows) expect(row).toMatchObject(promised);
	});

	test('Demo 2 retries before it fails over', () => {
		expect(rowsOf.get('Demo 2: Anthropic is overloaded')?.[0]).toMatchObject({ attempts: 4, reason: 'anthropic overloaded (529) × 3' });
	});
});
