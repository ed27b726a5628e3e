import { gzipSync } from 'node:zlib';

import type { IDataObject } from 'n8n-workflow';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { reply, startFaultServer, type Behaviour, type FaultServer } from '../providers/fault-server';
import { vendors, type Vendor } from '../providers/vendors';
import type * as schemaChecks from '../../nodes/ResilientLlm/schemas/schema-checks';
import { filled, hostileLength } from './hostile-texts';
import { longestBlockMs } from './longest-block';
import { providerOf, runNode, type Emitted } from './node-run';

/** For so long, in ms, nothing else may wait in n8n because of one input of at most 1 MB. */
const longestAllowedMs = 200;

const apiKey = 'sk-ant-api03-Zq8vT1mKx2LbW7nRj4Hc9PdYfUe3GaSo6IiNtXzQwVpBmCkDlEhFgJrAs';

/** On a busy machine a schema that can be compiled might be given up, and nothing would be tried with it. */
const checkLimits = vi.hoisted(() => ({ compileMs: 50_000, checkMs: 2_000 }));
vi.mock('../../nodes/ResilientLlm/schemas/schema-checks', async (importOriginal) => {
	const original = await importOriginal<typeof schemaChecks>();
	return { ...original, createSchemaChecks: () => original.createSchemaChecks(checkLimits) };
});

let server: FaultServer;

beforeAll(async () => {
	server = await startFaultServer();
	// What is loaded with the first call of each vendor is not the input's doing.
	for (const vendor of vendors)
		await run(vendor, reply(200, vendor.answer({ text: '{}' })), { outputFormat: 'jsonSchema', jsonSchema: '{}' });
}, 60_000);
afterAll(async () => await server.close());

async function run(
	vendor: Vendor,
	behaviour: Behaviour,
	parameters: IDataObject = {},
	json: IDataObject = {},
): Promise<Emitted> {
	server.answer(() => behaviour);
	const provider = providerOf(vendor.name);
	const step = { provider, model: vendor.model, maxAttempts: 1, timeoutSeconds: 20 };
	return await runNode({
		items: [
			{ json, parameters: { prompt: 'Hello', taskStore: 'none', providerOrder: { step: [step] }, ...parameters } },
		],
		credential: () => ({ apiKey, baseUrl: `${server.url}/${Math.random()}${vendor.basePath}` }),
	});
}

async function expectNoBlock(work: () => Promise<Emitted>): Promise<void> {
	let emitted: Emitted | undefined;
	const blockedMs = await longestBlockMs(async () => (emitted = await work()));
	expect(emitted?.thrown).toBeUndefined();
	expect(emitted!.success.length + emitted!.escalate.length).toBe(1);
	expect(blockedMs).toBeLessThan(longestAllowedMs);
}

const anthropic = vendors.find(({ name }) => name === 'anthropic')!;
const openAi = vendors.find(({ name }) => name === 'openai')!;
const gemini = vendors.find(({ name }) => name === 'gemini')!;

/** What fills 1 MB of a text, and may be read over and over. */
const fillings: Readonly<Record<string, string>> = {
	words: 'lorem ipsum ',
	blanks: ' ',
	'line breaks': '\n',
	backslashes: '\\',
	quotes: '"',
	digits: '1',
	dots: '.',
	stars: '*',
	slashes: '/',
	'percent signs': '%25',
	'HTML entities': '&amp;',
	'unit after unit': '1s',
	ideographs: '\u3042',
	emoji: '\ud83d\ude00',
	'half emoji': '\ud83d',
	'words of a limit': 'try again in 1',
	'words of a context': 'maximum context length ',
	'words of a model': 'model ',
	'the key': apiKey,
	'almost the key': apiKey.slice(0, -1),
	'the key, letter by letter': [...apiKey].join('\n'),
};
const fillingList = Object.entries(fillings);

/** As much of it as 1 MB holds, written as JSON. */
function inReply(piece: string): string {
	return piece.repeat(hostileLength / (JSON.stringify(piece).length - 2));
}

describe('a reply of 1 MB blocks nothing', () => {
	it.each(fillingList)('an answer that is all %s', async (_, piece) => {
		await expectNoBlock(async () => await run(anthropic, reply(200, anthropic.answer({ text: inReply(piece) }))));
	});

	it.each(
		vendors.flatMap((vendor) =>
			(vendor === openAi ? [400, 429, 500] : [400]).flatMap((status) =>
				fillingList.map(([name, piece]) => [vendor.name, status, name, vendor, piece] as const),
			),
		),
	)('an error of %s with status %d that is all %s', async (_name, status, _filling, vendor, piece) => {
		const text = inReply(piece);
		await expectNoBlock(
			async () =>
				await run(
					vendor,
					reply(status, { error: { message: text, type: text.slice(0, 50), code: text.slice(0, 50) } }),
				),
		);
	});

	it.each<[string, Vendor, Behaviour]>([
		[
			'a pause of a million digits',
			gemini,
			reply(429, googleError([{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: filled('1') }])),
		],
		[
			'a pause of a million units',
			gemini,
			reply(429, googleError([{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: filled('1s') }])),
		],
		['a million details', gemini, reply(400, googleError(Array.from({ length: 300_000 }, () => ({}))))],
		[
			'a million violations',
			gemini,
			reply(
				400,
				googleError([
					{
						'@type': 'type.googleapis.com/google.rpc.BadRequest',
						fieldViolations: Array.from({ length: 300_000 }, () => ({})),
					},
				]),
			),
		],
		['a list of problems', openAi, reply(422, { detail: Array.from({ length: 200_000 }, () => 1) })],
		[
			'a place of a million parts',
			openAi,
			reply(422, { detail: [{ loc: Array.from({ length: 200_000 }, () => 'x'), msg: 'no' }] }),
		],
		['errors within errors', openAi, reply(500, '{"error":'.repeat(hostileLength / 9))],
		['lists within lists', openAi, reply(500, `${'['.repeat(hostileLength / 2)}${']'.repeat(hostileLength / 2)}`)],
		['a web page', openAi, reply(404, `<html>${filled('<p>')}`, { 'content-type': 'text/html' })],
		['no JSON', openAi, reply(200, filled('{'))],
		[
			'a thousand compressed within each other',
			openAi,
			reply(200, 'x', { 'content-encoding': Array(1000).fill('gzip').join(',') }),
		],
		[
			'a gigabyte, compressed',
			openAi,
			{ kind: 'reply', status: 200, headers: { 'content-encoding': 'gzip' }, body: gzipSync(Buffer.alloc(2 ** 30)) },
		],
		[
			'a million parts of an answer',
			anthropic,
			reply(200, {
				content: Array.from({ length: 30_000 }, () => ({ type: 'text', text: 'a' })),
				stop_reason: 'end_turn',
			}),
		],
		['thoughts that never end', openAi, reply(200, openAi.answer({ text: `<think>${filled('<think>')}` }))],
		['blanks before thoughts', openAi, reply(200, openAi.answer({ text: `${filled(' ')}<think>` }))],
	])('%s', async (_, vendor, behaviour) => {
		await expectNoBlock(async () => await run(vendor, behaviour));
	});
});

describe('JSON of 1 MB as an answer blocks nothing', () => {
	const pieces = hostileLength / 10;
	const schemas: Readonly<Record<string, object>> = {
		'no schema': {},
		'a slow pattern': { items: { pattern: '^(\\w+\\s?)*$' }, pattern: '^(\\w+\\s?)*$' },
		'unique items': { uniqueItems: true },
		branches: { anyOf: Array.from({ length: 20 }, () => ({ items: { anyOf: [{ $ref: '#' }, { type: 'null' }] } })) },
		'everything wrong': { items: { type: 'null', enum: [1], not: {} } },
	};
	const answers: Readonly<Record<string, string>> = {
		'a long string': JSON.stringify(`${filled('a')}!`),
		'many numbers': JSON.stringify(Array.from({ length: 3 * pieces }, (_, index) => index % 10)),
		'many objects': JSON.stringify(Array.from({ length: pieces }, (_, index) => ({ index }))),
		'many names': JSON.stringify(Object.fromEntries(Array.from({ length: pieces }, (_, index) => [`n${index}`, 1]))),
		'many lists, 200 deep': `[${Array(2000)
			.fill('['.repeat(199) + ']'.repeat(199))
			.join(',')}]`,
		'lists within lists': '['.repeat(hostileLength / 2) + ']'.repeat(hostileLength / 2),
		'a fence that never closes': `\`\`\`\n${filled(' ')}`,
		'fences without end': filled('```'),
		'fences with names': filled('```json '),
		'blanks behind a fence': `\`\`\`json${filled(' ')}`,
		'no JSON': filled('{"a":'),
	};

	it.each(
		Object.entries(answers).flatMap(([answer, text]) =>
			Object.entries(schemas).map(([schema, body]) => [answer, schema, text, body] as const),
		),
	)('%s, held against %s', async (_answer, _schema, text, schema) => {
		await expectNoBlock(
			async () =>
				await run(anthropic, reply(200, anthropic.answer({ text })), {
					outputFormat: 'jsonSchema',
					jsonSchema: JSON.stringify(schema),
				}),
		);
	});
});

describe('a schema of up to 1 MB blocks nothing', () => {
	const named = (count: number, part: (index: number) => unknown) =>
		Object.fromEntries(Array.from({ length: count }, (_, index) => [`property${index}`, part(index)]));
	const deep = (levels: number, inner: object): object =>
		levels === 0 ? inner : { properties: { a: deep(levels - 1, inner) } };
	const schemas: Readonly<Record<string, object>> = {
		'of many properties': {
			type: 'object',
			properties: named(20_000, () => ({ type: 'string' })),
			required: Object.keys(named(20_000, () => 1)),
			additionalProperties: false,
		},
		'of many closed objects': {
			properties: named(5000, () => ({
				type: 'object',
				properties: { a: { type: 'string' } },
				required: ['a'],
				additionalProperties: false,
			})),
		},
		'of many allowed values': { enum: Array.from({ length: 60_000 }, (_, index) => `value${index}`) },
		'of many branches': { anyOf: Array.from({ length: 20_000 }, (_, index) => ({ const: index })) },
		'of many patterns': {
			patternProperties: Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`^(a+)+${index}$`, {}])),
		},
		'of one long pattern': { pattern: filled('(a|b)*') },
		'of one long description': { description: filled('word ') },
		'of a long chain of references': {
			$ref: '#/$defs/d0',
			$defs: Object.fromEntries(
				Array.from({ length: 10_000 }, (_, index) => [
					`d${index}`,
					index < 9999 ? { $ref: `#/$defs/d${index + 1}` } : {},
				]),
			),
		},
		'200 levels deep and wide': deep(90, { properties: named(10_000, () => ({ type: 'string' })) }),
	};

	it.each(
		Object.entries(schemas).flatMap(([name, schema]) =>
			(name === 'of many closed objects' ? [anthropic, openAi] : [anthropic]).map(
				(vendor) => [name, vendor.name, schema, vendor] as const,
			),
		),
	)('%s, for %s', async (name, _vendor, schema, vendor) => {
		// Thousands of patterns take minutes. When they are given up makes no difference to what waits meanwhile.
		checkLimits.compileMs = name === 'of many patterns' ? 1_000 : 50_000;
		let emitted: Emitted | undefined;
		const parameters = { outputFormat: 'jsonSchema', jsonSchema: JSON.stringify(schema) };
		const blockedMs = await longestBlockMs(
			async () => (emitted = await run(vendor, reply(200, vendor.answer({ text: '{}' })), parameters)),
		);
		expect(emitted?.thrown).toBeUndefined();
		expect(server.requests).toHaveLength(name.endsWith('pattern') || name.endsWith('patterns') ? 0 : 1);
		expect(blockedMs).toBeLessThan(longestAllowedMs);
	});
});

describe('an item of up to 1 MB blocks nothing', () => {
	it.each(fillingList.filter(([name]) => name !== 'blanks' && name !== 'line breaks'))(
		'a prompt that is all %s, when the server quotes it',
		async (_, piece) => {
			const prompt = piece.repeat(hostileLength / Buffer.byteLength(piece));
			const parameters = { prompt, outputFormat: 'json' };
			await expectNoBlock(
				async () =>
					await run(openAi, reply(400, { error: { message: prompt.slice(500, 1500) } }), parameters, { text: prompt }),
			);
		},
	);
});

function googleError(details: readonly object[]): object {
	return { error: { code: 400, message: 'No', status: 'INVALID_ARGUMENT', details } };
}
