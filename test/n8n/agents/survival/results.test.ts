import { expect, test } from 'vitest';
import { contenders } from './contenders.ts';
import { keyOf, mergeResults, type Result, type Results } from './results.ts';

const head = { n8n: '2.41.1', measured: '2026-11-21', limitSeconds: 30 };
const result: Result = {
	first: 'openAi',
	next: '',
	plug: 'alone',
	fault: 'empty',
	turn: 'first',
	task: 'calculate',
	streamed: false,
	verdict: 'wrong',
	seconds: 0.2,
	calls: { openai: 1 },
	paid: 1,
	read: '',
};
const before: Results = { ...head, plugs: { alone: 'alone' }, results: [result, { ...result, turn: 'second' }] };

test('what is measured again takes the place of what was, and the rest stays', () => {
	const again: Result = { ...result, verdict: 'right' };
	const other: Result = { ...result, plug: 'fallback' };
	const after = mergeResults(before, { ...head, plugs: { fallback: 'fallback' }, results: [again, other] });
	expect(after.plugs).toEqual({ alone: 'alone', fallback: 'fallback' });
	expect(after.results).toHaveLength(3);
	expect(after.results).toEqual(expect.arrayContaining([again, other, { ...result, turn: 'second' }]));
});

test('no cell is measured twice, and none that the vendor’s format leaves no room for', () => {
	const keys = contenders.flatMap(({ first, next, plug, cells }) =>
		cells.map((cell) => keyOf({ ...cell, first, next, plug: plug.id })),
	);
	expect(new Set(keys).size).toBe(keys.length);
	expect(keys.filter((key) => /^ollama .* refusal|^anthropic .* whole .* broken_arguments/.test(key))).toEqual([]);
});
