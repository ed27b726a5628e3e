import { answerTo } from './answer.ts';
import type { Vendor } from './vendor.ts';

const inputTokens = 120;
const outputTokens = 40;

// What we read of a request: the formats differ by vendor, the rest is only searched for words.
interface AnyRequest {
	readonly model?: string;
	readonly output_config?: { readonly format?: { readonly schema?: object } };
	readonly response_format?: { readonly type: string; readonly json_schema?: { readonly schema?: object } };
	readonly generationConfig?: {
		readonly responseMimeType?: string;
		readonly responseJsonSchema?: object;
		readonly responseSchema?: object;
	};
	readonly format?: object | 'json';
}

/**
 * A good answer as this vendor words it. aimock speaks these protocols too, but leaves out Ollama's token counts,
 * Gemini's model version, and what output format was asked for.
 */
export function answerReply(vendor: Vendor, path: string, body: string): unknown {
	const request = JSON.parse(body) as AnyRequest;
	const text = answerTo(body, formatOf(vendor, request));
	const model = request.model ?? 'unknown';
	switch (vendor) {
		case 'anthropic':
			return {
				id: 'msg_simulated',
				type: 'message',
				role: 'assistant',
				model,
				content: [{ type: 'text', text }],
				stop_reason: 'end_turn',
				stop_sequence: null,
				usage: {
					input_tokens: inputTokens,
					cache_creation_input_tokens: 0,
					cache_read_input_tokens: 0,
					output_tokens: outputTokens,
				},
			};
		case 'gemini':
			return {
				candidates: [{ content: { role: 'model', parts: [{ text }] }, finishReason: 'STOP', index: 0 }],
				usageMetadata: {
					promptTokenCount: inputTokens,
					candidatesTokenCount: outputTokens,
					totalTokenCount: inputTokens + outputTokens,
				},
				modelVersion: /\/models\/([^:]+):/.exec(path)?.[1] ?? model,
				responseId: 'simulated',
			};
		case 'ollama':
			return {
				model,
				created_at: '2026-11-20T00:00:00Z',
				message: { role: 'assistant', content: text },
				done: true,
				done_reason: 'stop',
				total_duration: 1_000_000,
				prompt_eval_count: inputTokens,
				eval_count: outputTokens,
			};
		default:
			return {
				id: 'chatcmpl-simulated',
				object: 'chat.completion',
				created: 1_791_763_200,
				model,
				choices: [
					{
						index: 0,
						message: { role: 'assistant', content: text, refusal: null },
						logprobs: null,
						finish_reason: 'stop',
					},
				],
				usage: {
					prompt_tokens: inputTokens,
					completion_tokens: outputTokens,
					total_tokens: inputTokens + outputTokens,
				},
			};
	}
}

function formatOf(vendor: Vendor, request: AnyRequest): 'text' | 'json' | object {
	switch (vendor) {
		case 'anthropic':
			return request.output_config?.format?.schema ?? 'text';
		case 'gemini':
			return (
				request.generationConfig?.responseJsonSchema ??
				request.generationConfig?.responseSchema ??
				(request.generationConfig?.responseMimeType === 'application/json' ? 'json' : 'text')
			);
		case 'ollama':
			return request.format ?? 'text';
		default:
			return (
				request.response_format?.json_schema?.schema ??
				(request.response_format?.type === 'json_object' ? 'json' : 'text')
			);
	}
}
