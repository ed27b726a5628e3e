import type { AssistantMessage, Conversation, Message, Part } from '../../nodes/ResilientLlm/engine/conversation';
import type { CompletionRequest } from '../../nodes/ResilientLlm/engine/request';

export const weather = {
	name: 'weather',
	description: 'Weather of a city',
	schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
export const now = { name: 'now', description: '', schema: { type: 'object' } };

export const image: Part = { kind: 'image', mimeType: 'image/png', base64: 'QUJDRA==', fileName: 'map.png' };
export const user = (text: string): Message => ({ role: 'user', parts: [{ kind: 'text', text }] });
export const result = (callId: string, name: string, parts: readonly Part[] = [{ kind: 'text', text: 'Sun' }]) =>
	({ role: 'tool', callId, name, parts, isError: false }) as const;
export const foreign: AssistantMessage = {
	role: 'assistant',
	text: 'Let me look.',
	toolCalls: [
		{ id: 'toolu_01', name: 'weather', argumentsText: '{"city":"Rome"}' },
		{ id: 'call_2', name: 'now', argumentsText: 'broken' },
	],
};
export const loop: readonly Message[] = [
	user('Weather?'),
	foreign,
	result('toolu_01', 'weather'),
	result('call_2', 'now'),
];

export function requestFor(content: Partial<Conversation>): CompletionRequest {
	return {
		content: {
			messages: [user('q')],
			tools: [weather, now],
			toolChoice: { kind: 'auto' },
			output: { kind: 'text' },
			...content,
		},
		settings: { model: 'qwen4', maxOutputTokens: 64 },
		dropped: [],
	};
}
