import * as published from '@pydantic/genai-prices';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Completion } from '../../../nodes/ResilientLlm/engine/completion';
import overlay from '../../../nodes/ResilientLlm/tasks/price-overlay.json';
import { costAt, loadPrices, type Seller } from '../../../nodes/ResilientLlm/tasks/prices';
import type { ProviderId } from '../../../nodes/ResilientLlm/providers/vendors';
import { fromMessagesReply } from '../../../nodes/ResilientLlm/providers/anthropic/reply';
import { fromGeminiReply } from '../../../nodes/ResilientLlm/providers/gemini/reply';
import { fromOllamaReply } from '../../../nodes/ResilientLlm/providers/ollama/reply';
import { fromChatReply } from '../../../nodes/ResilientLlm/providers/openai/reply';
import cases from './cases.json';

/** One call as the vendor reports it, and what it cost, worked out by hand from published prices. */
interface HandCheckedCase {
	readonly name: string;
	readonly provider: ProviderId;
	readonly baseUrl: string;
	/** The model that served the call, as the reply names it. */
	readonly model: string;
	/** The part of the vendor's reply that tells what was used. */
	readonly reply: object;
	/** When the call was made; by default the day the cases were checked. */
	readonly at?: string;
	readonly ownPrice?: { readonly input: number; readonly output: number };
	/** Null: unknown. */
	readonly usd: number | null;
	/** How `usd` comes about, or why it is unknown. */
	readonly arithmetic: string;
	readonly source: string;
	readonly checked: string;
}

const handChecked: readonly HandCheckedCase[] = cases as readonly HandCheckedCase[];
const prices = await loadPrices();

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-21T12:00:00Z') }));
afterEach(() => void vi.useRealTimers());

describe('a vendor’s reply costs what a human works out', () => {
	it.each(handChecked)('$name: $usd', ({ provider, baseUrl, model, reply, at, ownPrice, usd }) => {
		if (at !== undefined) vi.setSystemTime(new Date(at));
		const read = readReply(provider, model, reply);
		expect(read).toMatchObject({ kind: 'completion', model, usage: {} });
		const { usage, model: served } = read as Required<Completion>;
		const cost =
			ownPrice === undefined
				? prices.costUsd({ provider, baseUrl }, served, usage)
				: costAt({ ...ownPrice, cachedInput: ownPrice.input }, usage);
		expect(cost).toBe(usd);
	});

	it('by arithmetic that adds up', () => {
		for (const { name, arithmetic, usd } of handChecked) {
			const parts = [...arithmetic.matchAll(/([\d,]+) [a-z5 ,]+ x ([\d.]+)/g)];
			if (usd === null || parts.length === 0) continue;
			const sum = parts.reduce(
				(total, [, tokens = '', price]) => total + Number(tokens.replaceAll(',', '')) * Number(price),
				0,
			);
			expect(sum / 1_000_000, name).toBeCloseTo(usd, 12);
		}
	});
});

function readReply(provider: ProviderId, model: string, reply: object): Completion | undefined {
	switch (provider) {
		case 'anthropic':
			return fromMessagesReply(
				{ content: [{ type: 'text', text: 'ok' }], stop_reason: 'end_turn', model, ...reply },
				'asked',
			);
		case 'gemini':
			return fromGeminiReply(
				{ candidates: [{ content: { parts: [{ text: 'ok' }] }, finishReason: 'STOP' }], modelVersion: model, ...reply },
				'asked',
			);
		case 'ollama':
			return fromOllamaReply({ message: { content: 'ok' }, done: true, done_reason: 'stop', model, ...reply }, 'asked');
		case 'openAi':
		case 'openAiCompatible':
			return fromChatReply(
				{ choices: [{ message: { content: 'ok' }, finish_reason: 'stop' }], model, ...reply },
				'asked',
			);
	}
}

const used = { inputTokens: 1000, outputTokens: 1000, cachedInputTokens: 0, reasoningTokens: 0 };
const openAi: Seller = { provider: 'openAi', baseUrl: 'https://api.openai.com/v1' };

describe('a price', () => {
	it.each([
		['more cached tokens than tokens', { ...used, cachedInputTokens: 2000 }],
		[
			'more tokens read from and written into the cache than tokens',
			{ ...used, cachedInputTokens: 600, cacheWriteTokens: 600 },
		],
		['more tokens kept for an hour than written', { ...used, cacheWriteTokens: 100, hourLongCacheWriteTokens: 200 }],
		['a count that is none', { ...used, inputTokens: NaN }],
	])('is unknown for %s', (_, usage) => {
		expect(prices.costUsd(openAi, 'gpt-6-luna', usage)).toBeNull();
		expect(prices.costUsd(openAi, 'gpt-6.1-sol', usage)).toBeNull();
	});

	it('that a server claims is believed of OpenRouter only', () => {
		expect(prices.costUsd(openAi, 'gpt-6-luna', { ...used, billedUsd: 0 })).toBe(0.0006);
		expect(
			prices.costUsd({ provider: 'openAiCompatible', baseUrl: 'https://openrouter.ai.evil.example/v1' }, 'm', {
				...used,
				billedUsd: 0,
			}),
		).toBeNull();
	});

	it.each(['', 'not a URL', 'https://API.GROQ.com/openai/v1'])('survives the base URL %j', (baseUrl) => {
		const usd = prices.costUsd({ provider: 'openAiCompatible', baseUrl }, 'llama-3.3-70b-versatile', used);
		expect(usd).toBe(baseUrl.includes('GROQ') ? 0.00138 : null);
	});

	it.each(['', ' ', 'models/', '__proto__', 'constructor', '(', 'a'.repeat(10_000)])(
		'of the model %j is unknown',
		(model) => {
			expect(prices.costUsd(openAi, model, used)).toBeNull();
			expect(
				prices.costUsd({ ...openAi, provider: 'gemini', baseUrl: 'https://proxy.example' }, model, used),
			).toBeNull();
		},
	);
});

describe('the overlay', () => {
	const entries = Object.entries(overlay.models).flatMap(([vendor, models]) =>
		Object.keys(models).map((model) => ({ vendor, model })),
	);

	it.each(entries)('is still needed for $model', ({ vendor, model }) => {
		const known = published.findProvider({ providerId: vendor })?.models.find(({ id }) => id === model);
		expect(known).toBeUndefined();
	});

	it('names the source of every vendor’s prices', () => {
		expect(Object.keys(overlay.sources)).toEqual(Object.keys(overlay.models));
	});
});

it('knows context windows', () => {
	const window = (provider: ProviderId, model: string) =>
		prices.contextWindow({ provider, baseUrl: 'https://proxy.example' }, model);
	expect(window('anthropic', 'claude-haiku-5-5')).toBe(1_000_000);
	expect(window('openAi', 'gpt-6-luna')).toBe(1_050_000);
	expect(window('gemini', 'models/gemini-4-argon')).toBe(1_048_576);
	expect(window('ollama', 'llama3.2')).toBeUndefined();
	expect(window('openAi', 'unheard-of')).toBeUndefined();
	expect(window('openAi', 'ft:gpt-4o-mini-2024-07-18:acme::Ab12Cd34')).toBeUndefined();
	expect(window('openAiCompatible', 'gpt-6-luna')).toBeUndefined();
});
