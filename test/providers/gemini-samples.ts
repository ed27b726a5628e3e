import type { Completion } from '../../nodes/ResilientLlm/engine/completion';
import type { AssistantMessage, Conversation, Message, Part } from '../../nodes/ResilientLlm/engine/conversation';
import type { CompletionRequest } from '../../nodes/ResilientLlm/engine/request';
import { toGeminiRequest } from '../../nodes/ResilientLlm/providers/gemini/request';

export const current = 'gemini-3.8-flash';
export const older = 'gemini-2.5-flash';

export const weather = {
	name: 'weather',
	description: 'Weather of a city',
	schema: {
		$schema: 'http://json-schema.org/draft-07/schema#',
		type: 'object',
		properties: { city: { type: 'string', minLength: 1 }, days: { type: ['integer', 'null'], exclusiveMinimum: 0 } },
		required: ['city'],
		additionalProperties: false,
	},
};
export const now = { name: 'now', description: '', schema: { type: 'object', properties: {} } };

export const image: Part = { kind: 'image', mimeType: 'image/png', base64: 'QUJDRA==', fileName: 'map.png' };
export const user = (text: string): Message => ({ role: 'user', parts: [{ kind: 'text', text }] });
export const result = (
	callId: string,
	name: string,
	more: Partial<Extract<Message, { role: 'tool' }>> = {},
): Message => ({
	role: 'tool',
	callId,
	name,
	parts: [{ kind: 'text', text: 'Sun' }],
	isError: false,
	...more,
});
/** As another vendor's model wrote them. */
export const foreign: AssistantMessage = {
	role: 'assistant',
	text: '',
	toolCalls: [
		{ id: 'toolu_01|x', name: 'weather', argumentsText: '{"city":"Rome"}' },
		{ id: 'call_2', name: 'now', argumentsText: '{}' },
	],
};
export const loop = [user('Weather?'), foreign, result('toolu_01|x', 'weather'), result('call_2', 'now')];

export function requestFor(content: Partial<Conversation>, model = current): CompletionRequest {
	return {
		content: {
			messages: [user('q')],
			tools: [weather, now],
			toolChoice: { kind: 'auto' },
			output: { kind: 'text' },
			...content,
		},
		settings: { model, maxOutputTokens: 64 },
		dropped: [],
	};
}

/** The parts of every content that is sent. */
export function sentParts(content: Partial<Conversation>, model = current): ReadonlyArray<readonly object[]> {
	return toGeminiRequest(requestFor(content, model)).contents.map(({ parts }) => parts);
}

/** What the same model gets back of its own answer. */
export function own({ text, toolCalls = [], keepsake }: Completion): AssistantMessage {
	return { role: 'assistant', text, toolCalls, keepsake: { target: 'gemini', content: keepsake } };
}
