import { describe, expect, it } from 'vitest';

import { messagesFromN8n } from '../../../nodes/ResilientLlm/actions/chat-model/n8n-messages';
import { toolChoiceFrom } from '../../../nodes/ResilientLlm/actions/chat-model/tool-choice';

const png = 'iVBORw0KGgo=';
const fileIn = (mediaType: string | undefined, data: string | Uint8Array) =>
	messagesFromN8n([
		{ role: 'user', content: [{ type: 'file', data, ...(mediaType !== undefined && { mediaType }) }] },
	])[0];

describe('messages of n8n', () => {
	it('become a conversation: who said what, which tool was called and what it gave back', () => {
		const input = '{"input":"6*7"}';
		expect(
			messagesFromN8n([
				{ role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
				{ role: 'user', content: [{ type: 'text', text: '6*7?' }] },
				{
					role: 'assistant',
					content: [
						{ type: 'reasoning' },
						{ type: 'text', text: 'Let me see' },
						{ type: 'tool-call', toolCallId: 'a', toolName: 'calculator', input },
					],
				},
				{ role: 'tool', content: [{ type: 'tool-result', toolCallId: 'a', result: [{ response: '42' }] }] },
				{ role: 'tool', content: [{ type: 'tool-result', toolCallId: 'b', result: 'boom', isError: true }] },
			]),
		).toEqual([
			{ role: 'system', text: 'Be brief.' },
			{ role: 'user', parts: [{ kind: 'text', text: '6*7?' }] },
			{ role: 'assistant', text: 'Let me see', toolCalls: [{ id: 'a', name: 'calculator', argumentsText: input }] },
			{
				role: 'tool',
				callId: 'a',
				name: 'calculator',
				parts: [{ kind: 'text', text: '[{"response":"42"}]' }],
				isError: false,
			},
			{ role: 'tool', callId: 'b', name: '', parts: [{ kind: 'text', text: 'boom' }], isError: true },
		]);
	});

	it.each([
		['base64', fileIn('image/png', png)],
		['bytes', fileIn('image/png', Buffer.from(png, 'base64'))],
		['a data URL', fileIn(undefined, `data:image/png;base64,${png}`)],
	])('carry images as %s', (_, message) => {
		expect(message).toMatchObject({ parts: [{ kind: 'image', mimeType: 'image/png', base64: png }] });
	});

	it('carry PDFs, and text files as their text', () => {
		expect(fileIn('application/pdf', 'JVBE')).toMatchObject({ parts: [{ kind: 'pdf', base64: 'JVBE' }] });
		expect(fileIn('text/csv', Buffer.from('a;b'))).toEqual({ role: 'user', parts: [{ kind: 'text', text: 'a;b' }] });
	});

	it('with a file that no model reads are refused: it must not be lost without a word', () => {
		expect(() => fileIn('video/mp4', 'AAAA')).toThrow(/"video\/mp4"/);
	});
});

it.each([
	[undefined, { kind: 'auto' }],
	['auto', { kind: 'auto' }],
	['any', { kind: 'required' }],
	['required', { kind: 'required' }],
	['none', { kind: 'none' }],
	['calculator', { kind: 'tool', name: 'calculator' }],
	[{ type: 'any' }, { kind: 'required' }],
	[
		{ type: 'tool', name: 'calculator' },
		{ kind: 'tool', name: 'calculator' },
	],
	[
		{ type: 'function', function: { name: 'calculator' } },
		{ kind: 'tool', name: 'calculator' },
	],
	[{ type: 'function' }, { kind: 'auto' }],
	[{}, { kind: 'auto' }],
])('the tool choice %j is %j', (given, choice) => {
	expect(toolChoiceFrom(given)).toEqual(choice);
});
