import { describe, expect, it } from 'vitest';

import { compileSchema } from '../../nodes/ResilientLlm/schemas/json-schema';

async function problems(schema: Record<string, unknown>, value: unknown): Promise<readonly string[]> {
	const compiled = await compileSchema(schema);
	if (compiled.kind === 'invalid') throw new Error(compiled.why);
	return await compiled.problems(JSON.stringify(value));
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
		expect(await problems(schema, {})).toEqual([
			"The value must have required property 'mood'",
			"The value must have required property 'score'",
		]);
	});

	it('needs the properties themselves, not what every object inherits', async () => {
		expect(await problems({ required: ['constructor'] }, {})).toEqual([
			"The value must have required property 'constructor'",
		]);
		expect(await problems({ properties: { constructor: { type: 'string' } } }, {})).toEqual([]);
	});

	it('is told of each problem in one short line, however long the names in it are', async () => {
		const [problem = ''] = await problems({ additionalProperties: false }, { ['x'.repeat(100_000)]: 1 });
		expect(problem).toMatch(/^The value must NOT have additional properties: "x+…$/);
		expect(problem.length).toBeLessThan(310);
	});

	it('is not held against one when it is longer than any answer', async () => {
		expect(await problems({}, 'x'.repeat(5_000_000))).toEqual(['The value is longer than 5000000 characters']);
		expect(await problems({}, 'x'.repeat(4_999_998))).toEqual([]);
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

	it('is told which of its keywords check nothing though they look as if they did', async () => {
		const schema = {
			requried: ['a'],
			Type: 'object',
			properties: {
				note: { maxlength: 3, 'x-note': 1, example: 'a', nulable: true, itmes: {} },
				type: { title: 'no keyword here', additionalPropertys: false },
			},
		};
		const compiled = await compileSchema(schema);
		expect(compiled.kind === 'compiled' && compiled.unknownKeywords).toEqual([
			{ keyword: 'requried', meant: 'required' },
			{ keyword: 'Type', meant: 'type' },
			{ keyword: 'maxlength', meant: 'maxLength' },
			{ keyword: 'nulable', meant: 'nullable' },
			{ keyword: 'itmes', meant: 'items' },
			{ keyword: 'additionalPropertys', meant: 'additionalProperties' },
		]);
	});

	it('may hold annotations of all kinds, which are no slips', async () => {
		const compiled = await compileSchema({
			$comment: 'a',
			title: 'a',
			description: 'a',
			example: 1,
			examples: [1],
			'x-order': 1,
			propertyOrdering: ['a'],
			xml: {},
			externalDocs: {},
			discriminator: {},
			deprecated: true,
			readOnly: true,
			contentEncoding: 'base64',
			format: 'date',
			enumNames: ['a'],
			markdownDescription: 'a',
			order: 1,
			label: 'a',
			hint: 'a',
			widget: 'a',
		});
		expect(compiled).toMatchObject({ kind: 'compiled', unknownKeywords: [] });
	});

	it('shares no $id with another one', async () => {
		const schema = (type: string) => ({
			$id: 'https://example.com/answer',
			$defs: { inner: { $id: 'inner', type } },
			$ref: 'inner',
		});
		expect(await problems(schema('string'), 1)).toEqual(['The value must be string']);
		expect(await problems(schema('number'), 1)).toEqual([]);
	});

	it('changes no value: a default is an annotation', async () => {
		const value = { a: '1' };
		const schema = { properties: { a: { type: 'number' }, b: { default: 2 } }, additionalProperties: false };
		expect(await problems(schema, value)).toEqual(['The value at /a must be number']);
		expect(value).toEqual({ a: '1' });
	});

	it.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
		['an unknown type', { type: 'strin' }, /type/],
		['a reference to nowhere', { $ref: '#/definitions/none' }, /#\/definitions\/none/],
		[
			'a reference to elsewhere, which is never fetched',
			{ $ref: 'http://127.0.0.1:1/schema.json' },
			/http:\/\/127\.0\.0\.1:1\/schema\.json/,
		],
		['a reference to itself', { $ref: '#' }, /leads back to where it stands/],
		[
			'references in a circle',
			{ $ref: '#/$defs/a', $defs: { a: { allOf: [{ $ref: '#/$defs/b' }] }, b: { $ref: '#/$defs/a' } } },
			/leads back/,
		],
		[
			'another draft',
			{ $schema: 'http://json-schema.org/draft-04/schema#' },
			/draft-04.*take draft 2020-12 or draft 7/,
		],
		['a draft that is no text', { $schema: { a: '2020-12' } }, /\$schema/],
		['a pattern that is none', { pattern: '(' }, /\/\(\/u/],
		['a dialect of ajv that answers later', { $async: true, type: 'string' }, /\$async/],
		['the same further in', { $ref: '#/$defs/a', $defs: { a: { $async: true, type: 'string' } } }, /\$async/],
		['one nested more than 200 levels deep', nested(201), /200 levels/],
	])('is refused with a reason: %s', async (_, schema, why) => {
		expect(await compileSchema(schema)).toEqual({ kind: 'invalid', why: expect.stringMatching(why) as string });
	});
});

function nested(depth: number): Readonly<Record<string, unknown>> {
	return depth === 1 ? {} : { not: nested(depth - 1) };
}
