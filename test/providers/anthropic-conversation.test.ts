import { describe, expect, it } from 'vitest';

import type { Conversation } from '../../nodes/ResilientLlm/engine/conversation';
import { fromMessagesReply } from '../../nodes/ResilientLlm/providers/anthropic/reply';
import { toMessagesCall } from '../../nodes/ResilientLlm/providers/anthropic/request';
import { recordedReplies, type NoReply, type ReplyContents } from '../vendor-rules/replies';
import { assistant, conversation, pixel, result, user, weather } from './conversation/strict-conversation';

function sent(content: Conversation, model = 'claude-haiku-5-5') {
	return toMessagesCall({ content, settings: { model, maxOutputTokens: 100 }, dropped: [] }, undefined);
}

const question = user('How is the weather in Rome?');
const text = (words: string) => ({ type: 'text', text: words });
const image = {
	type: 'image',
	source: { type: 'base64', media_type: 'image/png', data: pixel.kind === 'text' ? '' : pixel.base64 },
};

describe('a conversation', () => {
	it('has a single prompt in the form it always had', () => {
		const content = conversation([{ role: 'system', text: 'Be brief.' }, user(pixel, 'Where is this?')], { tools: [] });
		expect(JSON.stringify(sent(content))).toBe(
			JSON.stringify({
				body: {
					model: 'claude-haiku-5-5',
					max_tokens: 100,
					system: 'Be brief.',
					messages: [{ role: 'user', content: [image, text('Where is this?')] }],
				},
				headers: { 'anthropic-version': '2026-10-21' },
				warnings: [],
			}),
		);
	});

	it('has the results first in what the user says next, and the files of failed calls after all of them', () => {
		const content = conversation([
			question,
			assistant('Let me look.', ['a', 'Rome'], ['b', 'Oslo'], ['c', 'Bonn']),
			{ ...result('a', 'half', pixel), isError: true },
			result('b', 'rain', pixel),
			{ ...result('c', pixel), isError: true },
			user('Well?'),
		]);
		expect(sent(content).body.messages.slice(1)).toEqual([
			{
				role: 'assistant',
				content: [
					text('Let me look.'),
					{ type: 'tool_use', id: 'a', name: 'weather', input: { city: 'Rome' } },
					{ type: 'tool_use', id: 'b', name: 'weather', input: { city: 'Oslo' } },
					{ type: 'tool_use', id: 'c', name: 'weather', input: { city: 'Bonn' } },
				],
			},
			{
				role: 'user',
				content: [
					{ type: 'tool_result', tool_use_id: 'a', content: [text('half')], is_error: true },
					{ type: 'tool_result', tool_use_id: 'b', content: [text('rain'), image] },
					{
						type: 'tool_result',
						tool_use_id: 'c',
						content: [text('The tool failed and gave no reason.')],
						is_error: true,
					},
					image,
					image,
					text('Well?'),
				],
			},
		]);
	});

	it.each(['x'.repeat(65), 'call_1|fc_68af', ''])('calls tools by IDs that Anthropic takes, instead of "%s"', (id) => {
		const content = conversation([question, assistant('', [id, 'Rome']), result(id, 'sun')]);
		const blocks = JSON.stringify(sent(content).body.messages);
		const [, called = '', answered] = /"id":"([\w-]{1,64})".*"tool_use_id":"([^"]*)"/.exec(blocks) ?? [];
		expect(called).toMatch(/^[0-9a-f]{9}$/);
		expect(answered).toBe(called);
	});

	it('replaces half characters in whatever is sent', () => {
		const half = 'x\ud83d';
		const call = { id: 'a', name: 'weather', argumentsText: '{"city":"\\ud83d"}' };
		const content = conversation(
			[{ role: 'system', text: half }, user(half), { ...assistant(half), toolCalls: [call] }, result('a', half)],
			{ tools: [{ ...weather, description: half, schema: { type: 'object', title: half } }] },
		);
		expect(JSON.stringify(sent(content).body)).not.toMatch(/\\ud83d/);
		expect(JSON.stringify(sent(content).body).match(/\ufffd/g)).toHaveLength(7);
	});
});

describe('tools', () => {
	const asked = (change: Partial<Conversation>, model?: string) => sent(conversation([question], change), model);

	it('are told with their schemas', () => {
		const { body } = asked({});
		expect(body.tools).toEqual([
			{ name: 'weather', description: 'Tells the weather of a city.', input_schema: weather.schema },
		]);
		expect(body.tool_choice).toEqual({ type: 'auto' });
	});

	it('are left out when there are none, and with them the choice', () => {
		const { body } = asked({ tools: [], toolChoice: { kind: 'required' } });
		expect(body).not.toHaveProperty('tools');
		expect(body).not.toHaveProperty('tool_choice');
	});

	it('that were called before are known even when none is on offer, and cannot be called', () => {
		const messages = [question, assistant('', ['a', 'Rome'], ['b', 'Oslo']), result('a', 'sun'), result('b', 'rain')];
		const { body } = sent(conversation(messages, { tools: [] }));
		expect(body.tools).toEqual([{ name: 'weather', input_schema: { type: 'object' } }]);
		expect(body.tool_choice).toEqual({ type: 'none' });
	});

	it.each([
		[{ kind: 'auto' }, { type: 'auto' }],
		[{ kind: 'none' }, { type: 'none' }],
		[{ kind: 'required' }, { type: 'any' }],
		[
			{ kind: 'tool', name: 'weather' },
			{ type: 'tool', name: 'weather' },
		],
	] as const)('are chosen from by %j', (toolChoice, choice) => {
		for (const model of [
			'claude-haiku-5-5',
			'claude-opus-5',
			'claude-opus-5-20260801',
			'claude-sonnet-4-6',
			'kimi-k3',
		]) {
			const { body, warnings } = asked({ toolChoice }, model);
			expect(body.tool_choice).toEqual(choice);
			expect(body.messages.at(-1)?.content).toEqual([text('How is the weather in Rome?')]);
			expect(warnings).toEqual([]);
		}
	});

	it('are chosen from by the name that was sent', () => {
		const tools = [weather, { ...weather, name: 'das Wetter' }];
		const { body } = asked({ tools, toolChoice: { kind: 'tool', name: 'das Wetter' } });
		const name = expect.stringMatching(/^das_Wetter_[0-9a-f]{8}$/) as string;
		expect(body.tools?.[1]).toMatchObject({ name });
		expect(body.tool_choice).toEqual({ ...body.tool_choice, type: 'tool', name });
	});

	it.each(['claude-opus-5-5', 'claude-sonnet-5-5-20261001', 'claude-fable-5-2', 'claude-mythos-5', 'claude-opus-7'])(
		'are asked for in words where %s cannot be forced to call one, and the user is told',
		(model) => {
			const any = asked({ toolChoice: { kind: 'required' } }, model);
			expect(any.body.tool_choice).toEqual({ type: 'auto' });
			expect(any.body.messages.at(-1)?.content).toContainEqual(text('Call a tool now.'));
			expect(any.warnings).toEqual([expect.stringContaining(model)]);
			const one = asked({ toolChoice: { kind: 'tool', name: 'weather' } }, model);
			expect(one.body.messages.at(-1)?.content).toContainEqual(text('Call the tool "weather" now.'));
		},
	);

	it('without the alternatives at the top of a schema take what any of them takes, and the rest is said in words', () => {
		const schema = {
			type: 'object',
			properties: { unit: { type: 'string' } },
			required: ['unit'],
			$defs: { place: { properties: { place: { type: 'string' } }, required: ['place'] } },
			oneOf: [{ properties: { city: { type: 'string' } }, required: ['city'] }, { $ref: '#/$defs/place' }],
			allOf: [{ properties: { city: { type: 'number' } }, required: ['day', 'unit'] }],
		};
		const [tool] = asked({ tools: [{ ...weather, schema }] }).body.tools ?? [];
		expect(tool).toMatchObject({
			input_schema: {
				type: 'object',
				properties: {
					unit: { type: 'string' },
					city: { anyOf: [{ type: 'string' }, { type: 'number' }] },
					place: { type: 'string' },
				},
				required: ['unit', 'day'],
			},
			description: expect.stringContaining(JSON.stringify(schema.oneOf)) as string,
		});
		expect(tool).not.toHaveProperty('input_schema.oneOf');
		expect(tool).not.toHaveProperty('input_schema.allOf');
		expect(tool).toHaveProperty('description', expect.stringMatching(/^Tells the weather of a city\.\n\n/));
	});

	it('have their schemas put into the words of the newest draft, wherever they lie', () => {
		const schema = {
			type: ['object', 'null'],
			properties: {
				required: { type: 'string', required: true, enum: 'no list', exclusiveMinimum: true, maxLength: 3 },
				pair: { type: 'array', items: [{ type: 'string', required: true }, true] },
				many: { type: 'array', items: { enum: ['a'], required: false } },
				either: { anyOf: [{ properties: [] }, { exclusiveMinimum: 3 }] },
			},
			additionalProperties: { required: true },
			default: { required: true },
		};
		expect(asked({ tools: [{ ...weather, schema }] }).body.tools?.[0]).toHaveProperty('input_schema', {
			type: 'object',
			properties: {
				required: { type: 'string', maxLength: 3 },
				pair: { type: 'array', prefixItems: [{ type: 'string' }, true] },
				many: { type: 'array', items: { enum: ['a'] } },
				either: { anyOf: [{}, { exclusiveMinimum: 3 }] },
			},
			additionalProperties: {},
			default: { required: true },
		});
	});
});

describe('a reply', () => {
	const whole = recordedReplies('anthropic-messages').filter(({ body }) => body !== null);

	it.each(whole.map((one) => [one.name, one] as const))('is read: %s', (_name, { body, expect: wanted }) => {
		if (isNone(wanted)) throw new Error('no whole reply fails');
		const { usage } = wanted;
		expect(fromMessagesReply(body, 'm')).toMatchObject({
			text: wanted.text,
			finishReason: wanted.finish,
			...(wanted.keepsake && { keepsake: body?.['content'] }),
			...(usage && {
				usage: { inputTokens: usage.input, outputTokens: usage.output, reasoningTokens: usage.reasoning },
			}),
		});
		const { toolCalls = [], keepsake } = fromMessagesReply(body, 'm') ?? {};
		expect(toolCalls.map(({ name, argumentsText }) => ({ name, args: JSON.parse(argumentsText) as unknown }))).toEqual(
			wanted.calls,
		);
		expect(keepsake !== undefined).toBe(wanted.keepsake === true);
	});

	it('of a server that gives calls no IDs gets some, each its own', () => {
		const call = { type: 'tool_use', name: 'weather', input: { city: 'Rome' } };
		const { toolCalls = [] } = fromMessagesReply({ content: [call, call], stop_reason: 'tool_use' }, 'm') ?? {};
		expect(new Set(toolCalls.map(({ id }) => id)).size).toBe(2);
		expect(toolCalls.every(({ id }) => /^[a-z0-9]{9}$/.test(id))).toBe(true);
	});
});

function isNone(contents: ReplyContents | NoReply): contents is NoReply {
	return 'fails' in contents;
}
