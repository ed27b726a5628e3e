import { describe, expect, it } from 'vitest';

import { claudeTraits } from './anthropic/models';
import { generationOf, modelIn } from './gemini/models';
import { openAiTraits } from './openai/models';

/** Model, kinds of thinking, forced tools, prefix bound, prefill, sampling, system messages, effort, cache minimum. */
const claude = [
	['claude-haiku-5-5', 'adaptive disabled', true, true, false, false, true, true, 512],
	['claude-sonnet-5-5', 'adaptive between_tools', false, true, false, false, true, true, 512],
	['claude-opus-5-5', 'adaptive', false, true, false, false, true, true, 512],
	['claude-fable-5-2', 'adaptive', false, true, false, false, true, true, 512],
	['claude-fable-5', 'adaptive', false, false, false, false, true, true, 512],
	['claude-opus-5', 'adaptive disabled', true, false, false, false, true, true, 512],
	['claude-sonnet-5', 'adaptive disabled', true, false, false, false, false, true, 1024],
	['claude-opus-4-8', 'adaptive disabled', true, false, false, false, true, true, 1024],
	['claude-opus-4-7', 'adaptive disabled', true, false, false, false, false, true, 2048],
	['claude-opus-4-6', 'adaptive enabled disabled', true, false, false, true, false, true, 4096],
	['claude-sonnet-4-6', 'adaptive enabled disabled', true, false, false, true, false, true, 1024],
	['claude-opus-4-5', 'enabled disabled', true, false, true, true, false, true, 4096],
	['claude-haiku-4-5-20251001', 'enabled disabled', true, false, true, true, false, false, 4096],
	['claude-sonnet-4-5', 'enabled disabled', true, false, true, true, false, false, 1024],
] as const;

/** Model, function tools in chat completions, efforts, breakpoints for the cache. */
const gpt = [
	['gpt-6.1-terra', 'onlyEffortNone', 'none low medium high xhigh max', true],
	['gpt-6-luna', 'onlyEffortNone', 'none low medium high xhigh max', true],
	['gpt-5.6-sol', 'onlyEffortNone', 'none low medium high xhigh max', true],
	['gpt-5.5', 'withoutEffort', 'none low medium high xhigh', false],
	['gpt-5.4-nano', 'withoutEffort', 'none low medium high xhigh', false],
	['gpt-5.1', 'always', 'none low medium high xhigh', false],
	['gpt-5-mini', 'always', 'minimal low medium high', false],
	['o3', 'always', 'low medium high', false],
	['gpt-4.1', 'always', '', false],
] as const;

describe('what models take', () => {
	it.each(claude)('%s', (model, thinking, forced, bound, prefill, sampling, system, effort, minimum) => {
		const traits = claudeTraits(model);
		expect(traits.thinking.join(' ')).toBe(thinking);
		const { forcedTools, bindsThinkingToPrefix, systemMessages, cacheMinimum } = traits;
		expect([forcedTools, bindsThinkingToPrefix, traits.prefill, traits.sampling]).toEqual([
			forced,
			bound,
			prefill,
			sampling,
		]);
		expect([systemMessages, traits.effort, cacheMinimum]).toEqual([system, effort, minimum]);
	});

	it.each(gpt)('%s', (model, tools, efforts, breakpoints) => {
		const traits = openAiTraits(model);
		expect([traits.chatTools, traits.efforts.join(' '), traits.cacheBreakpoints]).toEqual([
			tools,
			efforts,
			breakpoints,
		]);
		expect(traits.reasons).toBe(efforts !== '');
	});

	it('Gemini stands in the path, with its generation in its name', () => {
		expect(modelIn('/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse')).toBe('gemini-3.8-flash');
		expect(['gemini-4-argon', 'gemini-2.5-pro', 'gemini-flash-latest', 'gemma-4'].map(generationOf)).toEqual([
			4,
			2,
			3,
			undefined,
		]);
	});
});
