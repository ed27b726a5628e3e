import type { AssistantMessage, Attachment, Message, Part, ToolCall } from '../../engine/conversation';
import type { SdkContent, SdkMessage } from '../../host/ai-node-sdk';
import { InvalidInput } from '../../tasks/invalid-input';

/** Converts n8n's messages of a turn. Throws `InvalidInput` for a file of a type that no model can read. */
export function messagesFromN8n(messages: readonly SdkMessage[]): readonly Message[] {
	const toolNames = new Map(
		messages.flatMap(({ content }) => toolCallsIn(content).map(({ id, name }) => [id, name] as const)),
	);
	return messages.flatMap((message) => messageFrom(message, toolNames));
}

function messageFrom({ role, content }: SdkMessage, toolNames: ReadonlyMap<string, string>): readonly Message[] {
	switch (role) {
		case 'system':
			return [{ role: 'system', text: joinedText(content) }];
		case 'assistant':
			return [assistantFrom(content)];
		case 'user':
		case 'tool': {
			const parts = content.flatMap(partFrom);
			const results = content.flatMap((block) => toolResultFrom(block, toolNames));
			return [...results, ...(parts.length > 0 ? [{ role: 'user' as const, parts }] : [])];
		}
	}
}

function assistantFrom(content: readonly SdkContent[]): AssistantMessage {
	return { role: 'assistant', text: joinedText(content), toolCalls: toolCallsIn(content) };
}

function toolCallsIn(content: readonly SdkContent[]): readonly ToolCall[] {
	return content.flatMap((block) =>
		block.type === 'tool-call'
			? [{ id: block.toolCallId ?? '', name: block.toolName, argumentsText: block.input }]
			: [],
	);
}

function toolResultFrom(block: SdkContent, toolNames: ReadonlyMap<string, string>): readonly Message[] {
	if (block.type !== 'tool-result') return [];
	const { toolCallId: callId, result, isError = false } = block;
	const text = typeof result === 'string' ? result : (JSON.stringify(result) ?? '');
	return [{ role: 'tool', callId, name: toolNames.get(callId) ?? '', parts: [{ kind: 'text', text }], isError }];
}

function joinedText(content: readonly SdkContent[]): string {
	return content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n');
}

function partFrom(block: SdkContent): readonly Part[] {
	if (block.type === 'text') return [{ kind: 'text', text: block.text }];
	return block.type === 'file' ? [filePart(block)] : [];
}

function filePart({ data, mediaType = '' }: Extract<SdkContent, { type: 'file' }>): Part {
	if (typeof data !== 'string') return fileOf(mediaType, Buffer.from(data).toString('base64'));
	if (/^https?:\/\//i.test(data)) return { kind: 'text', text: data };
	const url = /^data:([^;,]{1,100})[^,]{0,100},/.exec(data);
	return url === null ? fileOf(mediaType, data) : fileOf(url[1] ?? '', data.slice(url[0].length));
}

const images: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/gif']);

function fileOf(mimeType: string, base64: string): Attachment | Extract<Part, { kind: 'text' }> {
	if (images.has(mimeType)) return { kind: 'image', mimeType, base64, fileName: 'image' };
	if (mimeType === 'application/pdf') return { kind: 'pdf', mimeType, base64, fileName: 'document.pdf' };
	if (mimeType.startsWith('text/')) return { kind: 'text', text: Buffer.from(base64, 'base64').toString('utf8') };
	throw new InvalidInput(
		`A message holds a file of the type "${mimeType.slice(0, 100)}", which no model here can read`,
		'Send images (PNG, JPEG, WebP, GIF), PDFs or text, or switch off passing files on to the model.',
	);
}
