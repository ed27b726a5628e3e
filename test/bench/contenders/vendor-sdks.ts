import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { anthropicModel, firstOf, key, maxOutputTokens, model, mustBeAnswer, type Contender } from './contender.ts';

/** OpenAI's SDK as it comes: what every call through it costs at least. */
export const openAiSdk: Contender = {
	id: 'openai-sdk',
	label: 'openai SDK alone',
	kind: 'floor',
	protocol: 'openAi',
	fallsBack: false,
	breaksCircuit: false,
	async open(route) {
		const client = new OpenAI({
			apiKey: key,
			baseURL: firstOf(route),
			maxRetries: route.maxAttempts - 1,
			timeout: route.timeoutMs,
		});
		return {
			async call(prompt) {
				const reply = await client.chat.completions.create({
					model,
					max_completion_tokens: maxOutputTokens,
					messages: [{ role: 'user', content: prompt }],
				});
				mustBeAnswer(reply.choices[0]?.message.content);
			},
		};
	},
};

export const anthropicSdk: Contender = {
	id: 'anthropic-sdk',
	label: '@anthropic-ai/sdk alone',
	kind: 'floor',
	protocol: 'anthropic',
	fallsBack: false,
	breaksCircuit: false,
	async open(route) {
		const client = new Anthropic({
			apiKey: key,
			baseURL: withoutVersion(firstOf(route)),
			maxRetries: route.maxAttempts - 1,
			timeout: route.timeoutMs,
		});
		return {
			async call(prompt) {
				const reply = await client.messages.create({
					model: anthropicModel,
					max_tokens: maxOutputTokens,
					messages: [{ role: 'user', content: prompt }],
				});
				const [block] = reply.content;
				mustBeAnswer(block?.type === 'text' ? block.text : undefined);
			},
		};
	},
};

/** Anthropic's SDK adds the version itself. */
export function withoutVersion(baseUrl: string): string {
	return baseUrl.replace(/\/v1$/, '');
}
