import { describe, expect, it } from 'vitest';

import { costAt, loadPrices } from '../../nodes/ResilientLlm/host/prices';
import type { ProviderId } from '../../nodes/ResilientLlm/providers';

const usage = (inputTokens: number, outputTokens: number, cachedInputTokens = 0) => ({ inputTokens, outputTokens, cachedInputTokens, reasoningTokens: 0 });
const seller = (provider: ProviderId, baseUrl = 'https://api.example') => ({ provider, baseUrl });

describe('what a call costs', () => {
	it.each([
		{ provider: 'openAi', model: 'gpt-6-luna', tokens: usage(10_000, 500, 8_000), usd: 0.00053 },
		{ provider: 'openAi', model: 'gpt-4o-mini-2024-07-18', tokens: usage(1_000_000, 1_000_000), usd: 0.75 },
		{ provider: 'gemini', model: 'models/gemini-3.5-flash-lite', tokens: usage(1_000_000, 0), usd: 0.3 },
		{ provider: 'anthropic', model: 'claude-haiku-5-5', tokens: usage(100_000, 1_000, 50_000), usd: 0.006 },
		{ provider: 'anthropic', model: 'claude-haiku-5-5-20261001', tokens: usage(200_000, 0), usd: 0.1 },
		{ provider: 'openAi', model: 'gpt-6.1-terra', tokens: usage(1000, 1000), usd: 0.006 },
		{ provider: 'ollama', model: 'anything', tokens: usage(1000, 1000), usd: 0 },
	] as const)('$provider $model: $usd USD', async ({ provider, model, tokens, usd }) => {
		expect((await loadPrices()).costUsd(seller(provider), model, tokens)).toBe(usd);
	});

	it('takes the price of the vendor behind an OpenAI-compatible address', async () => {
		const prices = await loadPrices();
		expect(prices.costUsd(seller('openAiCompatible', 'https://api.groq.com/openai/v1'), 'llama-3.3-70b-versatile', usage(1_000_000, 1_000_000))).toBe(1.38);
		expect(prices.costUsd(seller('openAiCompatible', 'http://localhost:8000/v1'), 'llama-3.3-70b-versatile', usage(1, 1))).toBeNull();
	});

	it.each([
		['a model nobody knows', 'anthropic', 'claude-next', usage(1, 1)],
		['a model whose name only begins like a known one', 'anthropic', 'claude-sonnet-5-9', usage(1, 1)],
		['a prompt longer than the known price holds for', 'openAi', 'gpt-6.1-sol', usage(300_000, 1)],
		['cached tokens without a known price', 'gemini', 'gemini-4-argon', usage(1000, 1, 500)],
		['usage that makes no sense', 'openAi', 'gpt-6-luna', usage(10, 1, 20)],
	] as const)('is unknown for %s', async (_, provider, model, tokens) => {
		expect((await loadPrices()).costUsd(seller(provider), model, tokens)).toBeNull();
	});

	it('at own prices counts what was read, cached or not, and what was written', () => {
		expect(costAt({ input: 2, cachedInput: 2, output: 10 }, usage(1000, 100, 400))).toBe(0.003);
	});
});

it('knows context windows', async () => {
	const prices = await loadPrices();
	expect(prices.contextWindow(seller('anthropic'), 'claude-haiku-5-5')).toBe(1_000_000);
	expect(prices.contextWindow(seller('openAi'), 'gpt-6-luna')).toBe(1_050_000);
	expect(prices.contextWindow(seller('ollama'), 'llama3.2')).toBeUndefined();
	expect(prices.contextWindow(seller('openAi'), 'unheard-of')).toBeUndefined();
});
