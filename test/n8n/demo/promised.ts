import { expect } from 'vitest';
import type { StoryRow } from './story-row.ts';

const answered = { output: 'Success', attempts: expect.any(Number) };

/** By demo workflow: what each of its three tickets comes out as. */
export const promised = [
	{
		name: 'Demo 1: All well',
		row: { ...answered, tier: 1, provider: 'anthropic', model: 'claude-haiku-5-5', reason: '' },
	},
	{
		name: 'Demo 2: Anthropic is overloaded',
		row: {
			...answered,
			tier: 2,
			provider: 'openAi',
			model: 'gpt-6-luna',
			reason: expect.stringContaining('anthropic'),
		},
	},
	{
		name: 'Demo 3: Only Ollama is left',
		row: { ...answered, tier: 2, provider: 'ollama', model: 'llama3.2', reason: expect.stringContaining('openAi') },
	},
	{
		name: 'Demo 4: Everything is down',
		row: { output: 'Escalate', tier: 3, reason: expect.stringContaining('All models failed') },
	},
] as const;

export function expectPromised(rows: readonly StoryRow[], row: object): void {
	expect(rows).toHaveLength(3);
	for (const each of rows) expect(each).toMatchObject(row);
}
