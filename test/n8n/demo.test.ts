import { beforeAll, describe, expect, test } from 'vitest';
import { expectPromised, promised } from './demo/promised.ts';
import type { StoryRow } from './demo/story-row.ts';
import { runDemo } from './demo.ts';

describe('npm run demo', () => {
	const rowsOf = new Map<string, readonly StoryRow[]>();
	beforeAll(() => runDemo((name, rows) => void rowsOf.set(name, rows)));

	test.each(promised)('$name: every ticket comes out as promised', ({ name, row }) => {
		expectPromised(rowsOf.get(name) ?? [], row);
	});

	test('Demo 2 retries before it fails over', () => {
		const [first] = rowsOf.get('Demo 2: Anthropic is overloaded') ?? [];
		expect(first).toMatchObject({ attempts: 4, reason: 'anthropic overloaded (529) × 3' });
	});
});
