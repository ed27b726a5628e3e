import { objectOf, objectsOf, textOf, type JsonObject } from '../json';
import { piecesOf, uniqueName, usualUsage, type ScriptedReply } from './scripted-reply';

/** How servers differ that speak OpenAI's chat completions. */
export interface ChatManners {
	readonly callId: () => string;
	/** The field that reasoning comes in; OpenAI shows none. */
	readonly reasoningField?: 'reasoning_content' | 'reasoning';
	/** Calls come whole, without index and type, in the last chunk. */
	readonly wholeCalls?: boolean;
}

export const openAiManners: ChatManners = { callId: () => `call_${uniqueName(24)}` };

export function chatReply(reply: ScriptedReply, request: JsonObject, manners: ChatManners): JsonObject {
	const { text = '', calls = [], reasoning, finish, usage } = reply;
	const { input, output, reasoning: thoughts, cacheRead, cacheWritten } = { ...usualUsage, ...usage };
	const toolCalls = calls.map(({ name, args }) => ({
		id: manners.callId(),
		type: 'function',
		function: { name, arguments: JSON.stringify(args) },
	}));
	const forced = typeof request['tool_choice'] === 'object' && request['tool_choice'] !== null;
	// A call that was asked for by name ends with `stop`.
	const done = calls.length > 0 && !forced ? 'tool_calls' : 'stop';
	const message = {
		role: 'assistant',
		content: finish === 'refusal' || (text === '' && calls.length > 0) ? null : text,
		refusal: finish === 'refusal' ? text || 'I can’t help with that.' : null,
		...(manners.reasoningField && reasoning !== undefined && { [manners.reasoningField]: reasoning }),
		...(toolCalls.length > 0 && { tool_calls: toolCalls }),
	};
	return {
		id: `chatcmpl-${uniqueName(29)}`,
		object: 'chat.completion',
		created: 1_790_000_000,
		model: request['model'],
		choices: [{ index: 0, message, logprobs: null, finish_reason: finish === 'length' ? 'length' : done }],
		usage: {
			prompt_tokens: input,
			completion_tokens: output,
			total_tokens: input + output,
			prompt_tokens_details: { cached_tokens: cacheRead, cache_write_tokens: cacheWritten },
			completion_tokens_details: { reasoning_tokens: thoughts },
		},
		service_tier: request['service_tier'] ?? 'default',
	};
}

/** The usage comes in a chunk of its own, for whoever asked for it. */
export function* chatEvents(reply: JsonObject, request: JsonObject, manners: ChatManners): Generator<JsonObject, void> {
	const { choices, usage, ...head } = reply;
	const choice = objectOf(objectsOf(choices)[0]?.[1]);
	const message = objectOf(choice['message']);
	const wantsUsage = objectOf(request['stream_options'])['include_usage'] === true;
	const chunk = (delta: JsonObject, finish_reason: unknown = null): JsonObject => ({
		...head,
		object: 'chat.completion.chunk',
		choices: [{ index: 0, delta, logprobs: null, finish_reason }],
		...(wantsUsage && { usage: null }),
	});
	yield chunk({ role: 'assistant', content: textOf(message['content']) === '' ? null : '', refusal: null });
	for (const field of ['reasoning', 'reasoning_content', 'content', 'refusal']) {
		for (const piece of piecesOf(textOf(message[field]))) yield chunk({ [field]: piece });
	}
	const calls = objectsOf(message['tool_calls']);
	if (manners.wholeCalls && calls.length > 0) {
		const whole = calls.map(([, call]) => ({ id: call['id'], function: call['function'] }));
		yield { ...chunk({ content: null, tool_calls: whole }, choice['finish_reason']), ...(wantsUsage && { usage }) };
		return;
	}
	for (const [index, call] of calls) {
		const named = { ...objectOf(call['function']), arguments: '' };
		yield chunk({ tool_calls: [{ index, ...call, function: named }] });
		for (const piece of piecesOf(textOf(objectOf(call['function'])['arguments']))) {
			yield chunk({ tool_calls: [{ index, function: { arguments: piece } }] });
		}
	}
	yield chunk({}, choice['finish_reason']);
	if (wantsUsage) yield { ...head, object: 'chat.completion.chunk', choices: [], usage };
}

export function dataEvents(events: Iterable<JsonObject>): readonly string[] {
	return [...[...events].map((event) => `data: ${JSON.stringify(event)}\n\n`), 'data: [DONE]\n\n'];
}

export function openAiError(message: string, param: string, code: string | null | undefined): JsonObject {
	return { error: { message, type: 'invalid_request_error', param, code: code ?? null } };
}
