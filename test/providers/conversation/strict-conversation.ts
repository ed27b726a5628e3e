import { expect } from 'vitest';

import type { Completion } from '../../../nodes/ResilientLlm/engine/completion';
import type {
	AssistantMessage,
	Conversation,
	Message,
	Part,
	Tool,
	ToolMessage,
} from '../../../nodes/ResilientLlm/engine/conversation';
import { firstRequest } from '../../../nodes/ResilientLlm/engine/next-request';
import type { StrictServer } from '../../vendor-rules/strict-server';
import type { ScriptedReply } from '../../vendor-rules/wire/scripted-reply';
import type { ConversationVendor } from './conversation-vendors';

/** One red point. */
const pixelBase64 = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
export const pixel: Part = { kind: 'image', mimeType: 'image/png', base64: pixelBase64, fileName: 'point.png' };

export const weather: Tool = {
	name: 'weather',
	description: 'Tells the weather of a city.',
	schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

export function user(...parts: ReadonlyArray<string | Part>): Message {
	return { role: 'user', parts: parts.map((part) => (typeof part === 'string' ? { kind: 'text', text: part } : part)) };
}

export function assistant(
	text: string,
	...calls: ReadonlyArray<readonly [id: string, city: string]>
): AssistantMessage {
	const toolCalls = calls.map(([id, city]) => ({ id, name: 'weather', argumentsText: JSON.stringify({ city }) }));
	return { role: 'assistant', text, toolCalls };
}

export function result(callId: string, ...parts: ReadonlyArray<string | Part>): ToolMessage {
	const told = parts.map((part) => (typeof part === 'string' ? ({ kind: 'text', text: part } as const) : part));
	return { role: 'tool', callId, name: 'weather', parts: told, isError: false };
}

export function conversation(messages: readonly Message[], change: Partial<Conversation> = {}): Conversation {
	return { messages, tools: [weather], toolChoice: { kind: 'auto' }, output: { kind: 'text' }, ...change };
}

/** What a vendor's model answered, as the next turn of the conversation has it. */
export function turnOf({ text, toolCalls = [], keepsake }: Completion, target: string): AssistantMessage {
	return {
		role: 'assistant',
		text,
		toolCalls,
		...(keepsake !== undefined && { keepsake: { target, content: keepsake } }),
	};
}

export interface Asked {
	readonly content: Conversation;
	readonly reply: ScriptedReply;
	readonly thinks?: boolean;
	/** What the model must see, or it answers nonsense. */
	readonly facts?: readonly string[];
}

/** Asks a vendor's model through its adapter. Fails when the vendor would refuse the request. */
export async function ask(server: StrictServer, vendor: ConversationVendor, asked: Asked): Promise<Completion> {
	const { content, reply, thinks = false, facts = [] } = asked;
	server.answer(({ body }) => {
		const seen = JSON.stringify(body);
		const missing = facts.filter((fact) => !seen.includes(fact));
		return missing.length === 0 ? reply : { text: `Nobody told me: ${missing.join(', ')}` };
	});
	const provider = vendor.create({ apiKey: 'key', baseUrl: server.url + vendor.path, network: {} });
	const effort = thinks ? vendor.effort : undefined;
	const settings = {
		model: vendor.model,
		maxOutputTokens: 1024,
		...(effort !== undefined && { reasoningEffort: effort }),
	};
	const request = firstRequest(content, { settings, target: vendor.name });
	const completion = await provider.complete(request, new AbortController().signal);
	expect(server.requests).toHaveLength(1);
	const refusals = server.requests[0]?.violations.filter(({ severity }) => severity === 'refused');
	expect(refusals?.map(({ rule, message }) => `${rule}: ${message}`)).toEqual([]);
	if (completion.kind !== 'completion') throw new Error(`${completion.reason}: ${completion.message}`);
	return completion;
}

/** What the last request held. */
export function sentIn(server: StrictServer): string {
	return JSON.stringify(server.requests[0]?.body);
}
