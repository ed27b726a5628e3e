import type { LookupFunction } from 'node:net';

import type { IDataObject } from 'n8n-workflow';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { providerIds, type ProviderId } from '../../nodes/ResilientLlm/providers/vendors';
import {
	redirect,
	reply,
	startFaultServer,
	type Behaviour,
	type FaultServer,
	type SeenRequest,
} from '../providers/fault-server';
import { vendors, type Vendor } from '../providers/vendors';
import { runNode, type Emitted } from './node-run';
import { recordedReplies } from './recorded-replies';
import { piecesOf, piecesOfAny, secretForms, unescaped } from './secret-forms';
import { conversationOf } from '../../nodes/ResilientLlm/engine/conversation';

/** Keys as vendors and gateways make them. */
const keys: Readonly<Record<string, string>> = {
	Anthropic: 'sk-ant-api03-Zq8vT1mKx2LbW7nRj4Hc9PdYfUe3GaSo6IiNtXzQwVpBmCkDlEhFgJrAsTuOyMx5N0q-8vR2dAAA',
	'an OpenAI project': 'sk-proj-T3BlbkFJq7Yw2XcV9nMz4Kd8Lp1Rs6Ht5Gf0Jb_uAeIoQy-WvNxCmZkDhSgPtFjRlUiBaOe',
	'old OpenAI': 'sk-9fQ2wErTyUiOpAsDfGhJkLzXcVbNmQwErTyUiOp1234567',
	Google: 'AIzaSyD3kP9qR7vX2mN5bC8zL1wT4hJ6gF0sYaU',
	'Google, of late': 'AQ.Ab8RN6Kx3mZ_q7Tw1LpVyHc9-JfDsGtYuIoPlMnBvCx',
	Groq: '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',
	Azure: '3f9c1a7be2d84056b1c7e90d2f4a6b85',
	'a UUID': '7c9e6679-7425-40de-944b-e07fc1f90ae7',
	'a JWT': 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ0ZW5hbnQtNDIiLCJleHAiOjE4OTM0NTYwMDB9.kP3vX9mQ2wR7tZ5nL8bC1yH4jF6gD0sA',
	'base64 with all its signs': 'q7+/Zx2+Lm/9Vn4Kd8+Rs6Ht5/Gf0Jb+Wc==',
	'a gateway’s passphrase': 'correct horse/battery+staple=1&%"q\\7',
};
const keyList = Object.values(keys);
const formList = Object.entries(secretForms);

const systemMessage = 'You answer questions of patients of the practice of Dr. Vogelsang.';
const prompts: readonly string[] = [
	'Dear Ms Miller, your diagnosis of the ninth of March is confidential; please call us before the weekend.',
	'Grüße an Frau Äußerlich: für Übergrößen möchten wir schöne Stühle, müßten aber später prüfen, ob’s geht.',
	'患者の診断結果は秘密です。来週の月曜日までに必ず電話してください。よろしくお願いします。',
	'Line one: "quoted" words\nline two:\tC:\\Users\\miller\\diagnosis.txt\nline three: <b>bold</b> & more',
];

/** Where in a reply the secret goes. */
const places = ['everywhere', 'sentences', 'headers'] as const;
type Place = (typeof places)[number];

interface Echo {
	readonly vendor: Vendor;
	readonly secret: string;
	readonly form: (secret: string) => string;
	readonly place: Place;
	readonly round: number;
}

const mark = 'MARK-OF-THE-SECRET';

/** A reply that repeats a secret: recorded ones, answers and redirects in turn. */
function echoOf({ vendor, secret, form, place, round }: Echo): Behaviour {
	const told = form(secret);
	// Only what a header can hold, and as it would be written there.
	const headerValue = told.replace(/[^\x20-\x7e]/g, '?').slice(0, 3000);
	const oddHeaders = {
		'request-id': headerValue,
		'x-request-id': headerValue,
		'retry-after': headerValue,
		'content-type': headerValue,
		'x-should-retry': headerValue,
		server: headerValue,
	};
	const headers = place === 'headers' ? oddHeaders : {};
	if (round % 6 === 0) {
		const host = encodeURIComponent(secret).replace(/[^\w.-]/g, '-');
		return {
			...redirect(
				round % 12 === 0
					? `http://user:${headerValue}@elsewhere.example/?key=${headerValue}`
					: `http://${host}.elsewhere.example/${headerValue}`,
			),
			...(place === 'headers' && { headers: { ...oddHeaders, location: headerValue } }),
		} as Behaviour;
	}
	const recorded = recordedReplies(vendor);
	const { status, body } =
		round % 3 === 0
			? { status: 200, body: vendor.answer({ text: 'It is well.', thoughts: 'hm' }) as unknown }
			: recorded[(round * 7) % recorded.length]!;
	const planted = place === 'headers' ? body : withMarks(body, place);
	const text = (typeof planted === 'string' ? planted : JSON.stringify(planted)).replaceAll(mark, told);
	return reply(status, text, headers);
}

/**
 * `everywhere`: each string is nothing but the mark, and one that tells of success keeps its word. `sentences`: the
 * mark stands in them.
 */
function withMarks(value: unknown, place: Place): unknown {
	if (typeof value === 'string') {
		if (place === 'everywhere') return /^(?:stop|STOP|end_turn|text|assistant|error)$/.test(value) ? value : mark;
		return value.includes(' ') ? `${value} ${mark} and more` : value;
	}
	if (Array.isArray(value)) return value.map((entry) => withMarks(entry, place));
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, withMarks(entry, place)]));
}

let server: FaultServer;
/** What item number n gets from each vendor. */
let echoFor: (vendor: Vendor, item: number, request: SeenRequest) => Behaviour;

beforeAll(async () => {
	server = await startFaultServer();
	server.answer((request) => {
		const [, item, name] = /^\/item-(\d+)\/([\w-]+)\//.exec(request.path) ?? [];
		const vendor = vendors.find((candidate) => candidate.name === name);
		return vendor === undefined ? reply(500) : echoFor(vendor, Number(item), request);
	});
});
afterAll(async () => await server.close());

const vendorNames: Readonly<Record<ProviderId, Vendor['name']>> = {
	anthropic: 'anthropic',
	gemini: 'gemini',
	ollama: 'ollama',
	openAi: 'openai',
	openAiCompatible: 'openai-compatible',
};
const vendorOf = (provider: ProviderId): Vendor => vendors.find(({ name }) => name === vendorNames[provider])!;

/** An address of its own for each item, so that no circuit opened by one keeps the next from being called. */
function baseUrlOf(provider: ProviderId, item: number, origin = server.url): string {
	const vendor = vendorOf(provider);
	return `${origin}/item-${item}/${vendor.name}${vendor.basePath}`;
}

function parametersOf(prompt: string, more: object = {}) {
	return {
		prompt,
		systemMessage,
		taskStore: 'none',
		providerOrder: {
			step: providerIds.map((provider) => ({
				provider,
				model: vendorOf(provider).model,
				maxAttempts: 2,
				timeoutSeconds: 1,
				temperature: 0.5,
				reasoningEffort: 'low',
			})),
		},
		options: { deadlineSeconds: 5, concurrency: 20, retryBaseDelayMs: 0, retryMaxDelayMs: 0 },
		...more,
	};
}

describe('a key that a server repeats', () => {
	/** Every key in every form, in each place: each item has five keys, one for each provider. */
	const variants = formList.length * places.length;
	const items = variants * Math.ceil(keyList.length / providerIds.length);
	const keyOf = (item: number, provider: ProviderId) =>
		keyList[(Math.floor(item / variants) * providerIds.length + providerIds.indexOf(provider)) % keyList.length]!;
	const formOf = (item: number) => formList[item % formList.length]!;
	const placeOf = (item: number) => places[Math.floor(item / formList.length) % places.length]!;
	let emitted: Emitted;

	beforeAll(async () => {
		echoFor = (vendor, item) => {
			const provider = providerIds.find((id) => vendorNames[id] === vendor.name)!;
			return echoOf({
				vendor,
				secret: keyOf(item, provider),
				form: formOf(item)[1],
				place: placeOf(item),
				round: item + providerIds.indexOf(provider),
			});
		};
		emitted = await runNode({
			items: Array.from({ length: items }, (_, item) => ({
				json: { item },
				parameters: parametersOf(prompts[item % prompts.length]!),
			})),
			credential: (provider, item) => ({ apiKey: keyOf(item, provider), baseUrl: baseUrlOf(provider, item) }),
		});
	}, 60_000);

	it('was repeated, in answers and in failures', () => {
		expect(emitted.thrown).toBeUndefined();
		expect(emitted.success.length).toBeGreaterThan(20);
		expect(emitted.escalate.length).toBeGreaterThan(20);
		expect(emitted.success.length + emitted.escalate.length).toBe(items);
		expect(JSON.stringify(emitted)).toContain('[redacted]');
		expect(emitted.logLines.length).toBeGreaterThan(items);
	});

	it.each([
		['Success', 'success'],
		['Escalate', 'escalate'],
	] as const)('is on no item of %s', (_name, output) => {
		const leaks = emitted[output].flatMap((item) => {
			const index = (item.pairedItem as { readonly item: number }).item;
			const text = JSON.stringify(item);
			const secrets = providerIds.map((provider) => keyOf(index, provider));
			return piecesOfAny(secrets, text)
				.slice(0, 1)
				.map((piece) => `item ${index}, ${formOf(index)[0]}, ${placeOf(index)}: ${piece} in ${around(text, piece)}`);
		});
		expect(leaks).toEqual([]);
	});

	it('is in no log line and no hint', () => {
		expect(piecesOfAny(keyList, [emitted.logLines, emitted.hints])).toEqual([]);
	});
});

describe('a key that a list of models repeats', () => {
	it.each(vendors)('is in no entry and no failure of $name', async (vendor) => {
		for (const [index, [, form]] of formList.entries()) {
			const secret = keyList[index % keyList.length]!;
			const provider = vendor.create({
				apiKey: secret,
				baseUrl: `${server.url}/item-0/${vendor.name}${vendor.basePath}`,
				network: {},
			});
			for (const { status, body } of [
				{ status: 200, body: vendor.models(['model-a', mark]) },
				{ status: 403, body: { error: { message: mark, code: mark } } },
			]) {
				echoFor = () => reply(status, JSON.stringify(body).replaceAll(mark, form(secret)));
				expect(piecesOf(secret, await provider.listModels(new AbortController().signal))).toEqual([]);
			}
		}
	});
});

describe('a key that is cut where the parts of an answer meet', () => {
	const key = keys.Anthropic!;
	const parts = [`It is ${key.slice(0, 40)}`, `${key.slice(40)}.`];
	const answers: Readonly<Partial<Record<Vendor['name'], object>>> = {
		anthropic: { content: parts.map((text) => ({ type: 'text', text })), stop_reason: 'end_turn' },
		gemini: { candidates: [{ content: { parts: parts.map((text) => ({ text })) }, finishReason: 'STOP' }] },
		openai: {
			choices: [{ message: { content: parts.map((text) => ({ type: 'text', text })) }, finish_reason: 'stop' }],
		},
	};

	it.each(vendors.filter(({ name }) => answers[name] !== undefined))(
		'is not in the answer of $name',
		async (vendor) => {
			echoFor = () => reply(200, answers[vendor.name]);
			const provider = vendor.create({
				apiKey: key,
				baseUrl: `${server.url}/item-0/${vendor.name}${vendor.basePath}`,
				network: {},
			});
			const request = {
				content: conversationOf({
					prompt: prompts[0]!,
					systemMessage,
					attachments: [],
					output: { kind: 'text' } as const,
				}),
				settings: { model: 'm', maxOutputTokens: 10 },
				dropped: [],
			};
			expect(await provider.complete(request, new AbortController().signal)).toMatchObject({
				kind: 'completion',
				text: 'It is [redacted].',
			});
		},
	);
});

describe('a key of a server that wants none', () => {
	const shortKeys = ['sk-1234', 'lm-studio', 'ollama', 'token-abc1'];

	it('is in no message and no log line, and takes no word out of an answer', async () => {
		echoFor = (vendor, item) => {
			const key = shortKeys[item % shortKeys.length]!;
			return vendor.name === 'ollama'
				? reply(200, vendor.answer({ text: `Set the key to ${key}` }))
				: reply(401, { error: { message: `Not a key: ${key}, ${key.toUpperCase()}`, type: key } });
		};
		const emitted = await runNode({
			items: shortKeys.map(() => ({ json: {}, parameters: parametersOf(prompts[0]!) })),
			credential: (provider, item) => ({ apiKey: shortKeys[item]!, baseUrl: baseUrlOf(provider, item) }),
		});
		expect(emitted.success.map(({ json }) => json.output)).toEqual(shortKeys.map((key) => `Set the key to ${key}`));
		const told = JSON.stringify([emitted.success.map(({ json }) => messagesOf(json)), emitted.logLines, emitted.hints]);
		for (const key of ['sk-1234', 'lm-studio', 'token-abc1']) expect(told.toLowerCase()).not.toContain(key);
		expect(emitted.success.flatMap(({ json }) => messagesOf(json)).join()).not.toMatch(/ollama/i);
	});
});

describe('a prompt that a server repeats', () => {
	const ways: ReadonlyArray<readonly [string, (text: string) => string]> = [
		['as it is', (text) => text],
		['on one line', (text) => text.replace(/\s+/g, ' ')],
		['as JSON', (text) => JSON.stringify(text)],
		['as ASCII JSON', asciiJson],
		['as JSON in JSON', (text) => JSON.stringify(asciiJson(text))],
		['in part', (text) => text.slice(5, 45)],
		['a few words', (text) => text.slice(3, 15)],
		['behind a long text', (text) => `${'padding '.repeat(20)}${text}`],
	];

	it('is in no message, no log line and no hint', async () => {
		echoFor = (vendor, item) => {
			const way = ways[item % ways.length]![1];
			const prompt = prompts[Math.floor(item / ways.length)]!;
			const told = `Cannot read this: ${way(prompt)} after ${way(systemMessage)}!`;
			const [status, body] = [
				[400, { error: { message: told, type: 'invalid_request_error', code: told, param: told, status: told } }],
				[422, { detail: [{ loc: ['body', told], msg: told, type: told, input: told }] }],
				[500, { error: told }],
				[
					200,
					{
						...vendor.answer({ text: 'x' }),
						stop_reason: told,
						done_reason: told,
						candidates: [{ content: { parts: [] }, finishReason: told }],
						choices: [{ message: { content: '' }, finish_reason: told }],
					},
				],
				[200, { error: { message: told, code: 429 } }],
			][(item + vendors.indexOf(vendor)) % 5] as [number, object];
			return reply(status, body);
		};
		const items = prompts.length * ways.length;
		const emitted = await runNode({
			items: Array.from({ length: items }, (_, item) => ({
				json: {},
				parameters: parametersOf(prompts[Math.floor(item / ways.length)]!),
			})),
			credential: (provider, item) => ({ apiKey: 'sk-irrelevant-000000', baseUrl: baseUrlOf(provider, item) }),
		});
		expect(emitted.escalate).toHaveLength(items);
		const leaks = emitted.escalate.flatMap(({ json }, item) =>
			[...messagesOf(json), String(json.reason)].flatMap((message) =>
				[prompts[Math.floor(item / ways.length)]!, systemMessage].flatMap((text) =>
					echoIn(message, text)
						.slice(0, 1)
						.map((run) => `${ways[item % ways.length]![0]}: "${run}" in ${message}`),
				),
			),
		);
		expect(leaks).toEqual([]);
		const told = JSON.stringify([emitted.logLines, emitted.hints]);
		expect([...prompts, systemMessage].flatMap((text) => echoIn(told, text))).toEqual([]);
	});
});

describe('a password in a base URL', () => {
	const user = 'hermes-of-olympus';
	const password = 'winged-sandals-77';
	const never = new AbortController().signal;
	const request = {
		content: conversationOf({ prompt: prompts[0]!, systemMessage, attachments: [], output: { kind: 'text' } as const }),
		settings: { model: 'm', maxOutputTokens: 10 },
		dropped: [],
	};

	const unknownHost: LookupFunction = (hostname, _options, done) =>
		done(Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' }), '');

	function expectHidden(told: unknown): void {
		expect(piecesOfAny([user, password], told)).toEqual([]);
	}

	it.each(vendors)('is in nothing that $name says', async (vendor) => {
		const gone = await startFaultServer();
		await gone.close();
		const login = `${user}:${password}@`;
		const bases = [
			server.url.replace('//', `//${login}`),
			gone.url.replace('//', `//${login}`),
			gone.url.replace('//', `//${user}:wing@${password}@`),
			gone.url.replace('//', `//${password}@`),
			server.url.replace('http://', `https://${login}`),
			`http://${login}no-such-host.invalid`,
			`ftp://${login}127.0.0.1/`,
			`http://${login}`,
			`http://${login}[`,
			`${login}127.0.0.1`,
		];
		echoFor = () => ({ kind: 'reset' });
		for (const baseUrl of bases) {
			for (const network of [
				{ lookup: unknownHost },
				{ refuse: async (url: URL) => await Promise.resolve(`The URL ${url.href} is forbidden`) },
			]) {
				const provider = vendor.create({
					apiKey: '',
					baseUrl: `${baseUrl}/item-0/${vendor.name}${vendor.basePath}`,
					network,
				});
				// A server without TLS waits for the end of what it takes for a request.
				const told = await Promise.all([
					provider.complete(request, AbortSignal.timeout(500)),
					provider.listModels(AbortSignal.timeout(500)),
				]);
				expect(told).toMatchObject([{ kind: 'failure' }, { kind: 'failure' }]);
				expectHidden(told);
			}
		}
	});

	it('is on no item, in no log line and in no hint', async () => {
		echoFor = (vendor) =>
			vendor.name === 'ollama' ? reply(200, vendor.answer({ text: 'It is well.' })) : reply(500, { error: 'broken' });
		const step = (provider: ProviderId) => ({ provider, model: vendorOf(provider).model, maxAttempts: 1 });
		const providerOrder = { step: (['anthropic', 'gemini', 'openAiCompatible', 'ollama'] as const).map(step) };
		const emitted = await runNode({
			items: Array.from({ length: 3 }, () => ({ json: {}, parameters: parametersOf(prompts[0]!, { providerOrder }) })),
			credential: (provider, item) => ({
				apiKey: provider === 'anthropic' || provider === 'gemini' ? 'sk-irrelevant-000000' : '',
				baseUrl: baseUrlOf(provider, item).replace('//', `//${user}:${password}@`),
			}),
		});
		expect(emitted.success).toHaveLength(3);
		expectHidden(emitted);
	});

	it('is in no refusal of the credential itself', async () => {
		const refused = [
			{ allowedHttpRequestDomains: 'domains', allowedDomains: 'models.example' },
			{ allowedHttpRequestDomains: 'domains', allowedDomains: '' },
			{ allowedHttpRequestDomains: 'none' },
		];
		for (const [item, rule] of refused.entries()) {
			for (const address of [`${server.url}/`, 'ftp://127.0.0.1/', 'http://[']) {
				const baseUrl = address.replace('//', `//${user}:${password}@`);
				const emitted = await runNode({
					items: [{ json: {}, parameters: parametersOf(prompts[0]!) }],
					credential: () => ({ apiKey: keyList[item]!, baseUrl, ...rule }),
				});
				expectHidden(emitted);
			}
		}
	});

	it('of a proxy is in no failure', async () => {
		const gone = await startFaultServer();
		await gone.close();
		for (const proxy of [
			gone.url.replace('//', `//${user}:${password}@`),
			`http://${user}:${password}@`,
			`${user}:${password}@host`,
		]) {
			vi.stubEnv('HTTP_PROXY', proxy);
			for (const vendor of vendors) {
				const told = await vendor
					.create({ apiKey: '', baseUrl: `http://models.example${vendor.basePath}`, network: {} })
					.complete(request, never);
				expect(told).toMatchObject({ kind: 'failure' });
				expectHidden(told);
			}
		}
		vi.unstubAllEnvs();
	});
});

describe('a key that the network never took', () => {
	it('is in nothing that is said about it', async () => {
		const gone = await startFaultServer();
		await gone.close();
		const behaviours: readonly Behaviour[] = [
			{ kind: 'reset' },
			{ kind: 'silence' },
			{ kind: 'bytes', bytes: '' },
			{ kind: 'bytes', bytes: `SSH-2.0-${keyList[0]}\r\n` },
			{ kind: 'stall', status: 200, body: { key: keyList[0] }, sentBytes: 90 },
		];
		echoFor = (_vendor, item) => behaviours[item % behaviours.length]!;
		const emitted = await runNode({
			items: [...behaviours, 'gone', 'a key with a line break'].map(() => ({
				json: {},
				parameters: parametersOf(prompts[0]!, {
					options: { deadlineSeconds: 2, concurrency: 20, retryBaseDelayMs: 0, retryMaxDelayMs: 0 },
				}),
			})),
			credential: (provider, item) => ({
				apiKey: item === behaviours.length + 1 ? `${keyList[0]}\nx-evil: 1` : keyList[0]!,
				baseUrl: baseUrlOf(provider, item, item === behaviours.length ? gone.url : server.url),
			}),
		});
		expect(emitted.escalate).toHaveLength(behaviours.length + 2);
		expect(piecesOf(keyList[0]!, emitted)).toEqual([]);
	});
});

function messagesOf(json: IDataObject): readonly string[] {
	return (json.attempts as ReadonlyArray<{ readonly message?: string }>).flatMap(({ message }) => message ?? []);
}

function asciiJson(text: string): string {
	return JSON.stringify(text).replace(
		/[\u0080-\uffff]/g,
		(letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
}

/** Runs of a text that someone who reads the message can make out: long enough to tell what it was about. */
function echoIn(message: string, text: string): readonly string[] {
	const length = /\p{Script=Han}/u.test(text) ? 6 : 16;
	const plain = readable(message);
	const hidden = readable(text);
	return Array.from({ length: hidden.length - length + 1 }, (_, at) => hidden.slice(at, at + length)).filter((run) =>
		plain.includes(run),
	);
}

function readable(text: string): string {
	return unescaped(text)
		.replace(/\\+[nrt]/g, ' ')
		.replace(/\s+/g, ' ');
}

function around(text: string, piece: string): string {
	const at = text.toLowerCase().indexOf(piece.toLowerCase());
	return at < 0 ? text.slice(0, 3000) : text.slice(Math.max(0, at - 100), at + 200);
}
