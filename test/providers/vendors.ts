import type { Usage } from '../../nodes/ResilientLlm/engine/completion';
import type { Provider } from '../../nodes/ResilientLlm/engine/provider';
import { createAnthropic } from '../../nodes/ResilientLlm/providers/anthropic';
import { createGemini } from '../../nodes/ResilientLlm/providers/gemini';
import { at } from '../../nodes/ResilientLlm/providers/json/json-path';
import { createOllama } from '../../nodes/ResilientLlm/providers/ollama';
import { createOpenAi } from '../../nodes/ResilientLlm/providers/openai';
import { createOpenAiCompatible } from '../../nodes/ResilientLlm/providers/openai-compatible';
import type { ProviderSettings } from '../../nodes/ResilientLlm/providers/http/transport';

/** An answer as a test states it, for a vendor to put into its own words. */
export interface StatedAnswer {
	readonly text: string;
	readonly finish?: 'stop' | 'length' | 'content_filter';
	readonly usage?: Usage;
	/** Reasoning that must not become part of the answer. */
	readonly thoughts?: string;
}

/** What a request asked for, read back from its vendor's form. */
export interface ReadRequest {
	readonly system: string;
	readonly turns: ReadonlyArray<{ readonly role: 'user' | 'model'; readonly text: string }>;
	/** Base64, in order. */
	readonly files: readonly string[];
	readonly maxOutputTokens: unknown;
	readonly temperature: unknown;
	readonly effort: unknown;
	readonly schema: unknown;
}

export interface Vendor {
	readonly name: 'anthropic' | 'openai' | 'openai-compatible' | 'gemini' | 'ollama';
	create(settings: ProviderSettings): Provider;
	/** What the base URL has after the origin. */
	readonly basePath: string;
	readonly model: string;
	readonly completionPath: string;
	readonly modelsPath: string;
	/** The header that carries the key, with the key as `KEY`. */
	readonly keyHeader: readonly [name: string, value: string];
	readonly takesPdf: boolean;
	/** Undefined where the vendor takes no temperature. */
	readonly temperature: number | undefined;
	readonly lowEffort: unknown;
	answer(answer: StatedAnswer): object;
	models(ids: readonly string[]): object;
	read(body: unknown): ReadRequest;
}

const asked: Usage = { inputTokens: 1000, outputTokens: 20, cachedInputTokens: 0, reasoningTokens: 0 };

function list(value: unknown): readonly unknown[] {
	return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
	return typeof value === 'string' ? value : '';
}

const anthropic: Vendor = {
	name: 'anthropic',
	create: createAnthropic,
	basePath: '',
	model: 'claude-haiku-5-5',
	completionPath: '/v1/messages',
	modelsPath: '/v1/models',
	keyHeader: ['x-api-key', 'KEY'],
	takesPdf: true,
	temperature: undefined,
	lowEffort: 'low',
	answer: ({ text: answer, finish = 'stop', usage = asked, thoughts }) => ({
		id: 'msg_1',
		type: 'message',
		role: 'assistant',
		model: 'claude-haiku-5-5',
		content: [
			...(thoughts === undefined ? [] : [{ type: 'thinking', thinking: thoughts, signature: 'sig' }]),
			...(answer === '' ? [] : [{ type: 'text', text: answer }]),
		],
		stop_reason: { stop: 'end_turn', length: 'max_tokens', content_filter: 'refusal' }[finish],
		stop_sequence: null,
		usage: {
			input_tokens: usage.inputTokens - usage.cachedInputTokens,
			cache_read_input_tokens: usage.cachedInputTokens,
			cache_creation_input_tokens: 0,
			output_tokens: usage.outputTokens,
			output_tokens_details: { thinking_tokens: usage.reasoningTokens },
		},
	}),
	models: (ids) => ({
		data: ids.map((id) => ({ type: 'model', id, display_name: `Name of ${id}`, created_at: '2026-01-01T00:00:00Z' })),
		has_more: false,
		first_id: ids[0] ?? null,
		last_id: ids.at(-1) ?? null,
	}),
	read(body) {
		const blocks = list(at(body, 'messages')).flatMap((message) => list(at(message, 'content')));
		return {
			system: blockText(at(body, 'system')),
			turns: list(at(body, 'messages')).map((message) => ({
				role: at(message, 'role') === 'assistant' ? 'model' : 'user',
				text: blockText(at(message, 'content')),
			})),
			files: blocks.map((block) => at(block, 'source', 'data')).filter((data) => typeof data === 'string'),
			maxOutputTokens: at(body, 'max_tokens'),
			temperature: at(body, 'temperature'),
			effort: at(body, 'output_config', 'effort'),
			schema: at(body, 'output_config', 'format', 'schema'),
		};
	},
};

function blockText(content: unknown): string {
	if (typeof content === 'string') return content;
	return list(content)
		.map((block) => text(at(block, 'text')))
		.join('');
}

function openAiShaped(
	differences: Pick<Vendor, 'name' | 'create' | 'model' | 'temperature'> & { readonly maxTokensName: string },
): Vendor {
	const { maxTokensName, ...vendor } = differences;
	return {
		...vendor,
		basePath: '/v1',
		completionPath: '/v1/chat/completions',
		modelsPath: '/v1/models',
		keyHeader: ['authorization', 'Bearer KEY'],
		takesPdf: true,
		lowEffort: 'low',
		answer: ({ text: answer, finish = 'stop', usage = asked, thoughts }) => ({
			id: 'chatcmpl-1',
			object: 'chat.completion',
			created: 1_790_000_000,
			model: vendor.model,
			choices: [
				{
					index: 0,
					message: {
						role: 'assistant',
						content: answer,
						refusal: null,
						...(thoughts !== undefined && { reasoning_content: thoughts }),
					},
					finish_reason: finish,
				},
			],
			usage: {
				prompt_tokens: usage.inputTokens,
				completion_tokens: usage.outputTokens,
				total_tokens: usage.inputTokens + usage.outputTokens,
				prompt_tokens_details: { cached_tokens: usage.cachedInputTokens },
				completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
			},
		}),
		models: (ids) => ({
			object: 'list',
			data: ids.map((id) => ({ id, object: 'model', created: 1_790_000_000, owned_by: 'test' })),
		}),
		read(body) {
			const messages = list(at(body, 'messages'));
			const isSystem = (message: unknown) => ['system', 'developer'].includes(text(at(message, 'role')));
			return {
				system: messages
					.filter(isSystem)
					.map((message) => blockText(at(message, 'content')))
					.join('\n'),
				turns: messages
					.filter((message) => !isSystem(message))
					.map((message) => ({
						role: at(message, 'role') === 'assistant' ? 'model' : 'user',
						text: blockText(at(message, 'content')),
					})),
				files: messages
					.flatMap((message) => list(at(message, 'content')))
					.map((part) => text(at(part, 'image_url', 'url')) || text(at(part, 'file', 'file_data')))
					.filter((url) => url !== '')
					.map((url) => url.slice(url.indexOf(',') + 1)),
				maxOutputTokens: at(body, maxTokensName),
				temperature: at(body, 'temperature'),
				effort: at(body, 'reasoning_effort'),
				schema: at(body, 'response_format', 'json_schema', 'schema'),
			};
		},
	};
}

const gemini: Vendor = {
	name: 'gemini',
	create: createGemini,
	basePath: '',
	model: 'gemini-3.5-flash-lite',
	completionPath: '/v1beta/models/gemini-3.5-flash-lite:generateContent',
	modelsPath: '/v1beta/models',
	keyHeader: ['x-goog-api-key', 'KEY'],
	takesPdf: true,
	temperature: 0.5,
	lowEffort: 'LOW',
	answer: ({ text: answer, finish = 'stop', usage = asked, thoughts }) => ({
		candidates: [
			{
				index: 0,
				content: {
					role: 'model',
					parts: [...(thoughts === undefined ? [] : [{ text: thoughts, thought: true }]), { text: answer }],
				},
				finishReason: { stop: 'STOP', length: 'MAX_TOKENS', content_filter: 'SAFETY' }[finish],
			},
		],
		usageMetadata: {
			promptTokenCount: usage.inputTokens,
			cachedContentTokenCount: usage.cachedInputTokens,
			candidatesTokenCount: usage.outputTokens - usage.reasoningTokens,
			thoughtsTokenCount: usage.reasoningTokens,
			totalTokenCount: usage.inputTokens + usage.outputTokens,
		},
		modelVersion: 'gemini-3.5-flash-lite',
		responseId: 'response-1',
	}),
	models: (ids) => ({
		models: ids.map((id) => ({
			name: `models/${id}`,
			displayName: `Name of ${id}`,
			supportedGenerationMethods: ['generateContent', 'countTokens'],
		})),
	}),
	read(body) {
		const contents = list(at(body, 'contents'));
		return {
			system: list(at(body, 'systemInstruction', 'parts'))
				.map((part) => text(at(part, 'text')))
				.join(''),
			turns: contents.map((content) => ({
				role: at(content, 'role') === 'model' ? 'model' : 'user',
				text: list(at(content, 'parts'))
					.map((part) => text(at(part, 'text')))
					.join(''),
			})),
			files: contents
				.flatMap((content) => list(at(content, 'parts')))
				.map((part) => at(part, 'inlineData', 'data'))
				.filter((data) => typeof data === 'string'),
			maxOutputTokens: at(body, 'generationConfig', 'maxOutputTokens'),
			temperature: at(body, 'generationConfig', 'temperature'),
			effort: at(body, 'generationConfig', 'thinkingConfig', 'thinkingLevel'),
			schema: at(body, 'generationConfig', 'responseJsonSchema'),
		};
	},
};

const ollama: Vendor = {
	name: 'ollama',
	create: createOllama,
	basePath: '',
	model: 'gemma4',
	completionPath: '/api/chat',
	modelsPath: '/api/tags',
	keyHeader: ['authorization', 'Bearer KEY'],
	takesPdf: false,
	temperature: 0.5,
	lowEffort: 'low',
	answer: ({ text: answer, finish = 'stop', usage = asked, thoughts }) => ({
		model: 'gemma4',
		created_at: '2026-11-20T10:00:00Z',
		message: { role: 'assistant', content: answer, ...(thoughts !== undefined && { thinking: thoughts }) },
		done: true,
		done_reason: finish,
		total_duration: 1_000_000,
		prompt_eval_count: usage.inputTokens,
		prompt_eval_cached_count: usage.cachedInputTokens,
		eval_count: usage.outputTokens,
	}),
	models: (ids) => ({ models: ids.map((id) => ({ name: id, model: id, size: 1, details: { family: 'gemma4' } })) }),
	read(body) {
		const messages = list(at(body, 'messages'));
		return {
			system: messages
				.filter((message) => at(message, 'role') === 'system')
				.map((message) => text(at(message, 'content')))
				.join(''),
			turns: messages
				.filter((message) => at(message, 'role') !== 'system')
				.map((message) => ({
					role: at(message, 'role') === 'assistant' ? 'model' : 'user',
					text: text(at(message, 'content')),
				})),
			files: messages.flatMap((message) => list(at(message, 'images'))).map(text),
			maxOutputTokens: at(body, 'options', 'num_predict'),
			temperature: at(body, 'options', 'temperature'),
			effort: at(body, 'think'),
			schema: at(body, 'format'),
		};
	},
};

export const vendors: readonly Vendor[] = [
	anthropic,
	openAiShaped({
		name: 'openai',
		create: createOpenAi,
		model: 'gpt-6-luna',
		temperature: undefined,
		maxTokensName: 'max_completion_tokens',
	}),
	openAiShaped({
		name: 'openai-compatible',
		create: createOpenAiCompatible,
		model: 'llama-4',
		temperature: 0.5,
		maxTokensName: 'max_tokens',
	}),
	gemini,
	ollama,
];
