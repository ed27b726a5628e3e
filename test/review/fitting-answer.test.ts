import { expect, it } from 'vitest';

import { fitAnswer } from '../../nodes/ResilientLlm/review/fitting-answer';

const schema = { type: 'object', properties: { mood: { enum: ['good', 'bad'] } }, required: ['mood'] };

it.each([
	['a text answer stays as it is', ' Hello\n', { kind: 'text' }, ' Hello\n'],
	['JSON text becomes its value', '{"a": [1]}', { kind: 'json' }, { a: [1] }],
	['a code fence around JSON is no mistake', 'Here:\n```json\n{"a": 1}\n```', { kind: 'json' }, { a: 1 }],
	['a value stands for itself', { mood: 'good' }, { kind: 'jsonSchema', schema }, { mood: 'good' }],
	['false and zero are answers', false, { kind: 'json' }, false],
] as const)('%s', async (_, answer, format, output) => {
	expect(await fitAnswer(answer, format)).toEqual({ kind: 'fits', output });
});

it.each([
	['nothing', '  \n', { kind: 'text' }, 'The answer is empty.'],
	['null', null, { kind: 'json' }, 'The answer is empty.'],
	['an object for text', { a: 1 }, { kind: 'text' }, 'The answer must be text, because the task asks for text.'],
	['broken JSON', '{\n"a": 1,,\n}', { kind: 'json' }, 'The answer is not valid JSON. It breaks at line 2, column 8.'],
	[
		'JSON that misses the schema',
		'{"mood": "so-so"}',
		{ kind: 'jsonSchema', schema },
		'The value at /mood must be equal to one of the allowed values: ["good","bad"]',
	],
	[
		'a value that misses the schema',
		{ mood: 1 },
		{ kind: 'jsonSchema', schema },
		'The value at /mood must be equal to one of the allowed values: ["good","bad"]',
	],
	[
		'a schema that is none',
		'{}',
		{ kind: 'jsonSchema', schema: { type: 'nonsense' } },
		expect.stringContaining('JSON schema is not valid') as string,
	],
] as const)('explains what is wrong with %s', async (_, answer, format, problem) => {
	expect(await fitAnswer(answer, format)).toEqual({ kind: 'misfits', problems: [problem] });
});
