import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { checkAnswer, expectedOf, type SchemaProblems } from '../../nodes/ResilientLlm/engine/answer-check';
import type { Completion } from '../../nodes/ResilientLlm/engine/completion';
import { isDeeperThan, isTextDeeperThan } from '../../nodes/ResilientLlm/engine/json-depth';

const completion = (text: string): Completion => ({ kind: 'completion', text, finishReason: 'stop', model: 'm' });
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

async function outputOf(text: string): Promise<unknown> {
	const verdict = await checkAnswer(completion(text), expectedOf({ kind: 'json' }));
	return verdict.kind === 'accepted' ? verdict.output : verdict.message;
}

describe('an answer in JSON', () => {
	it.each([
		['bare', '{"a": 1}'],
		['with white space around it', ' \n{"a": 1}\n '],
		['behind a byte order mark', '\uFEFF{"a": 1}'],
		['in a code fence', '```json\n{"a": 1}\n```'],
		['in a code fence in capitals', '```JSON\r\n{"a": 1}\r\n```'],
		['in a code fence without a name', '```\n{"a": 1}\n```'],
		['in a code fence behind a byte order mark', '```\n\uFEFF{"a": 1}\n```'],
		['in a code fence after words', 'Here you are:\n```json  \n{"a": 1}\n  ```\nAnything else?'],
	])('is accepted %s', async (_, text) => {
		expect(await outputOf(text)).toEqual({ a: 1 });
	});

	it.each([
		['words', 'It is one.'],
		['two values', '{"a": 1} {"a": 2}'],
		['a fence that never closes', '```json\n{"a": 1}'],
		['a fence of another language', '```js\n{"a": 1}\n```'],
		['words in a fence', '```\nIt is one.\n```'],
	])('is not: %s', async (_, text) => {
		expect(await outputOf(text)).toBe('The answer is not valid JSON');
	});

	it('may be nested as deep as n8n and JSON.stringify can follow, and no deeper', async () => {
		expect(await outputOf(nested(200))).toEqual(JSON.parse(nested(200)));
		for (const depth of [201, 5000, 500_000]) {
			const verdict = await checkAnswer(completion(nested(depth)), expectedOf({ kind: 'json' }));
			expect(verdict).toMatchObject({
				reason: 'invalid_output',
				message: 'The answer is nested more than 200 levels deep',
				problems: ['The answer is nested more than 200 levels deep'],
				draft: { text: nested(depth) },
			});
		}
	});
});

describe('a check against a schema', () => {
	const format = { kind: 'jsonSchema', schema: {} } as const;

	it('that fails is a failure like any other, and keeps the answer', async () => {
		const broken: SchemaProblems = async () => await Promise.reject(new RangeError('Maximum call stack size exceeded'));
		expect(await checkAnswer(completion('{"a": 1}'), expectedOf(format, broken))).toMatchObject({
			kind: 'failure',
			reason: 'invalid_output',
			problems: ['The answer could not be held against the JSON schema'],
			draft: { text: '{"a": 1}' },
		});
	});

	it('is not asked about an answer that is not to fit one', async () => {
		const never: SchemaProblems = async () => await Promise.resolve(['no']);
		expect(await checkAnswer(completion('{"a": 1}'), expectedOf({ kind: 'json' }, never))).toMatchObject({
			kind: 'accepted',
		});
	});
});

describe('the depth of JSON', () => {
	const someJson = fc.jsonValue({ maxDepth: 8, stringUnit: fc.constantFrom('[', ']', '{', '}', '"', '\\', 'a') });

	it('is the same as text and as a value, whatever stands in its strings', () => {
		fc.assert(
			fc.property(someJson, fc.integer({ min: 0, max: 8 }), (value, levels) => {
				expect(isTextDeeperThan(levels, JSON.stringify(value))).toBe(isDeeperThan(levels, value));
			}),
			{ numRuns: 2000 },
		);
	});
});
