import { describe, expect, it } from 'vitest';

import { compileSchema } from '../../nodes/ResilientLlm/host/json-schema';

async function problems(schema: Record<string, unknown>, value: unknown): Promise<readonly string[]> {
	const compiled = await compileSchema(schema);
	if (compiled.kind === 'invalid') throw new Error(compiled.why);
	return compiled.problems(value);
}

describe('a value against a schema', () => {
	const schema = {
		type: 'object',
		properties: { mood: { enum: ['good', 'bad'] }, score: { type: 'number', maximum: 1 } },
		required: ['mood', 'score'],
		additionalProperties: false,
	};

	it('has no problem when it fits', async () => {
		expect(await problems(schema, { mood: 'good', score: 0.5 })).toEqual([]);
	});

	it('is told everything that is wrong, in words', async () => {
		expect(await problems(schema, { mood: 'green', score: 2, extra: 1 })).toEqual([
			'The value must NOT have additional properties: "extra" is not allowed',
			'The value at /mood must be equal to one of the allowed values: ["good","bad"]',
			'The value at /score must be <= 1',
		]);
		expect(await problems(schema, {})).toEqual(["The value must have required property 'mood'", "The value must have required property 'score'"]);
	});

	it('is told of twenty problems at most', async () => {
		expect(await problems({ items: { type: 'string' } }, Array(1000).fill(1))).toHaveLength(20);
	});
});

describe('a schema', () => {
	it.each([
		['draft 7 by name', { $schema: 'http://json-schema.org/draft-07/schema#', items: [{ type: 'string' }] }],
		['2020-12 by name', { $schema: 'https://json-schema.org/draft/2020-12/schema', prefixItems: [{ type: 'string' }] }],
		['2020-12 without a name', { prefixItems: [{ type: 'string' }] }],
		['draft 7 without a name', { items: [{ type: 'string' }], additionalItems: true }],
	])('may be %s', async (_, schema) => {
		expect(await problems(schema, [1])).toEqual(['The value at /0 must be string']);
		expect(await problems(schema, ['a'])).toEqual([]);
	});

	it('may use formats and keywords that only annotate', async () => {
		expect(await problems({ type: 'string', format: 'date', 'x-note': 'hi' }, 'not a date')).toEqual([]);
	});

	it.each([
		['an unknown type', { type: 'strin' }],
		['a reference to nowhere', { $ref: '#/definitions/none' }],
		['another draft', { $schema: 'http://json-schema.org/draft-04/schema#' }],
	])('is refused with a reason: %s', async (_, schema) => {
		expect(await compileSchema(schema)).toMatchObject({ kind: 'invalid', why: expect.stringMatching(/\w/) as string });
	});
});
