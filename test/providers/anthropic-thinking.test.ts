import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Conversation, Message } from '../../nodes/ResilientLlm/engine/conversation';
import type { CompletionRequest } from '../../nodes/ResilientLlm/engine/request';
import { createAnthropic } from '../../nodes/ResilientLlm/providers/anthropic';
import { fromMessagesReply } from '../../nodes/ResilientLlm/providers/anthropic/reply';
import { toMessagesCall } from '../../nodes/ResilientLlm/providers/anthropic/request';
import { assistant, conversation, result, user, weather } from './conversation/strict-conversation';
import { reply, startFaultServer, type FaultServer } from './fault-server';

function sent(content: Conversation, model = 'claude-haiku-5-5', dropped: CompletionRequest['dropped'] = []) {
	return toMessagesCall({ content, settings: { model, maxOutputTokens: 100 }, dropped }, undefined);
}

const question = user('How is the weather in Rome?');
const text = (words: string) => ({ type: 'text', text: words });

describe('what a model thought', () => {
	const thinking = { type: 'thinking', thinking: '', signature: 'c2ln' };
	const redacted = { type: 'redacted_thinking', data: 'ZGF0YQ==' };
	const use = {
		type: 'tool_use',
		id: 'toolu_1',
		caller: { type: 'direct' },
		name: 'weather',
		input: { city: 'Rome', days: 2 },
	};
	const content = [thinking, text('Let me look.'), redacted, use];
	const kept: Message = {
		...assistant('Let me look.'),
		toolCalls: [{ id: 'toolu_1', name: 'weather', argumentsText: '{"days": 2, "city": "Rome"}' }],
		keepsake: { target: 't', content },
	};
	const loop = (turn: Message) => conversation([question, turn, result('toolu_1', 'sun')]);
	const without = [text('Let me look.'), { type: 'tool_use', id: 'toolu_1', name: 'weather', input: use.input }];
	const dropBlock = { type: 'adaptive', block_binding: { prefix_mismatch_behavior: 'drop_block' } };

	it('is kept with all that came with it, and only then', () => {
		const read = (blocks: readonly unknown[], stop: string) =>
			fromMessagesReply({ content: blocks, stop_reason: stop, model: 'm' }, 'm');
		expect(read(content, 'tool_use')?.keepsake).toEqual(content);
		expect(read([redacted, text('Sun.')], 'end_turn')?.keepsake).toEqual([redacted, text('Sun.')]);
		expect(read([text('Sun.')], 'end_turn')).not.toHaveProperty('keepsake');
		expect(read(content, 'max_tokens')).not.toHaveProperty('keepsake');
		const deep: unknown = JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`);
		expect(read([thinking, { ...use, input: deep }], 'tool_use')).not.toHaveProperty('keepsake');
	});

	it.each([
		'claude-haiku-5-5',
		'claude-opus-5-5',
		'claude-sonnet-5-5-20261001',
		'claude-fable-5-1',
		'claude-mythos-5-2',
	])('goes back as it came to %s, which may leave it out where it does not belong', (model) => {
		const { body, headers } = sent(loop(kept), model);
		expect(body.messages[1]?.content).toEqual(content);
		expect(body.thinking).toEqual(dropBlock);
		expect(headers['anthropic-beta']).toBe('thinking-binding-controls-2026-08-01');
	});

	it.each([
		'claude-opus-5',
		'claude-sonnet-5-20260801',
		'claude-fable-5',
		'claude-sonnet-4-6',
		'claude-3-7-sonnet-latest',
		'kimi-k3',
	])('goes back as it came to %s, which knows no such setting', (model) => {
		const { body, headers } = sent(loop(kept), model);
		expect(body.messages[1]?.content).toEqual(content);
		expect(body).not.toHaveProperty('thinking');
		expect(headers).not.toHaveProperty('anthropic-beta');
	});

	it.each(['claude-opus-6', 'claude-haiku-5-6', 'claude-nova-1'])(
		'stays away from %s, which nobody knows yet',
		(model) => {
			const { body } = sent(loop(kept), model);
			expect(body.messages[1]?.content).toEqual(without);
			expect(body).not.toHaveProperty('thinking');
		},
	);

	it('is no reason for a setting in a conversation without it', () => {
		const { body, headers } = sent(loop({ ...kept, keepsake: { target: 't', content: undefined } }));
		expect(body).not.toHaveProperty('thinking');
		expect(headers).not.toHaveProperty('anthropic-beta');
	});

	it.each<readonly [string, Partial<Extract<Message, { role: 'assistant' }>>]>([
		['its words', { text: 'Let me see.' }],
		['the arguments', { toolCalls: [{ ...kept.toolCalls[0]!, argumentsText: '{"city":"Rome","days":2,"id":"1"}' }] }],
		['the ID', { toolCalls: [{ ...kept.toolCalls[0]!, id: 'toolu_2' }] }],
		['the tool', { toolCalls: [{ ...kept.toolCalls[0]!, name: 'forecast' }] }],
		['the number of calls', { toolCalls: [] }],
		['what was kept', { keepsake: { target: 't', content: 'nothing' } }],
	])('stays away when somebody changed %s', (_what, change) => {
		const { body } = sent(conversation([question, { ...kept, ...change }, result('toolu_1', 'sun')]));
		expect(JSON.stringify(body.messages)).not.toContain('thinking');
	});

	it('goes back without the blank texts beside it, which the server does not take back', () => {
		const blank = { ...kept, text: '', keepsake: { target: 't', content: [thinking, text('\n\n'), use] } };
		expect(sent(loop(blank)).body.messages[1]?.content).toEqual([thinking, use]);
	});

	it('may be left out where it does not belong, whatever was said after it', () => {
		const { messages } = loop(kept);
		const later = sent(conversation([...messages, assistant('It is sunny.'), user('And tomorrow?')]));
		expect(later.body.messages[1]?.content).toEqual(content);
		expect(later.body.thinking).toEqual(dropBlock);
	});

	it('is left out once the server has refused it', () => {
		const { body } = sent(loop(kept), 'claude-haiku-5-5', ['reasoningEffort']);
		expect(body.messages[1]?.content).toEqual(without);
		expect(body).not.toHaveProperty('thinking');
	});
});

describe('what a server says of thinking that came back', () => {
	let server: FaultServer;
	beforeAll(async () => {
		server = await startFaultServer();
	});
	afterAll(async () => {
		await server.close();
	});
	const asked = async (content: Conversation) =>
		await createAnthropic({ apiKey: 'KEY', baseUrl: server.url, network: {} }).complete(
			{ content, settings: { model: 'claude-haiku-5-5', maxOutputTokens: 100 }, dropped: [] },
			new AbortController().signal,
		);

	it.each([
		'messages.1.content.0: Invalid `signature` in `thinking` block',
		'messages.1.content.0: Invalid `signature` in `thinking` block. The block is bound to a different conversation.',
		'messages.1.content.0: Invalid `data` in `redacted_thinking` block',
		'messages.1.content.0: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified.',
		'thinking.adaptive.block_binding: Extra inputs are not permitted',
	])('means that the next call does without: %s', async (message) => {
		server.answer(reply(400, { type: 'error', error: { type: 'invalid_request_error', message } }));
		expect(await asked(conversation([question]))).toMatchObject({
			reason: 'unsupported_parameter',
			parameter: 'reasoningEffort',
		});
	});

	it('is no error of ours, however deep a schema is', async () => {
		const schema: unknown = JSON.parse(`${'{"not":'.repeat(20_000)}{}${'}'.repeat(20_000)}`);
		server.answer(reply(200, {}));
		const deep = conversation([question], { tools: [{ ...weather, schema: schema as Record<string, unknown> }] });
		expect(await asked(deep)).toMatchObject({ kind: 'failure', reason: 'invalid_request' });
		expect(server.requests).toHaveLength(0);
	});
});
