import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Conversation, Message, ToolCall } from '../../../nodes/ResilientLlm/engine/conversation';
import { startStrictServer, type StrictServer } from '../../vendor-rules/strict-server';
import type { ConversationVendor } from './conversation-vendors';
import { badCalls, failing, histories, question } from './histories';
import { ask, assistant, conversation, result, sentIn, turnOf, user, weather } from './strict-conversation';

const sunny = { text: 'It is sunny.' };
const callRome = { calls: [{ name: 'weather', args: { city: 'Rome' } }] };
const bothCities = { calls: ['Rome', 'Oslo'].map((city) => ({ name: 'weather', args: { city } })) };
const citySchema = {
	type: 'object',
	properties: { city: { type: 'string' } },
	required: ['city'],
	additionalProperties: false,
};

/** What every adapter must make of conversations, checked by a server that refuses what its vendor refuses. */
export function conversationContract(vendor: ConversationVendor): void {
	describe(vendor.name, () => {
		let server: StrictServer;
		beforeAll(async () => {
			server = await startStrictServer();
		});
		afterAll(async () => {
			await server.close();
		});

		it.each(histories)('continues %s', async (_name, messages, facts) => {
			const answer = await ask(server, vendor, { content: conversation(messages), reply: sunny, facts });
			expect(answer).toMatchObject({ text: 'It is sunny.', finishReason: 'stop' });
		});

		it.each(histories)('continues %s with no tools on offer', async (_name, messages, facts) => {
			const content = conversation(messages, { tools: [] });
			expect(await ask(server, vendor, { content, reply: sunny, facts })).toMatchObject({ text: 'It is sunny.' });
		});

		it.each(badCalls)('continues a history with arguments %s', async (_name, change) => {
			const calls = assistant('', ['a', 'Rome']);
			const bad = { ...calls, toolCalls: calls.toolCalls.map((call) => ({ ...call, ...change })) };
			const content = conversation([question, bad, failing('a', 'no such thing')]);
			expect(await ask(server, vendor, { content, reply: sunny })).toMatchObject({ text: 'It is sunny.' });
		});

		it('reads one call', async () => {
			const answer = await ask(server, vendor, { content: conversation([question]), reply: callRome });
			expect(answer).toMatchObject({ finishReason: 'tool_calls', text: '', toolCalls: [{ name: 'weather' }] });
			expect(argumentsIn(answer.toolCalls)).toEqual([{ city: 'Rome' }]);
		});

		it('reads two parallel calls, each with an ID of its own, and the words before them', async () => {
			const reply = { ...bothCities, text: 'Let me look.' };
			const answer = await ask(server, vendor, { content: conversation([question]), reply });
			expect(answer).toMatchObject({ finishReason: 'tool_calls', text: 'Let me look.' });
			expect(argumentsIn(answer.toolCalls)).toEqual([{ city: 'Rome' }, { city: 'Oslo' }]);
			const ids = answer.toolCalls?.map(({ id }) => id) ?? [];
			expect(new Set(ids).size).toBe(2);
			expect(ids.every((id) => id !== '')).toBe(true);
		});

		it('reads an answer without calls as one without calls', async () => {
			const answer = await ask(server, vendor, { content: conversation([question]), reply: sunny });
			expect(answer).not.toHaveProperty('toolCalls');
		});

		it.each([
			['any tool', { kind: 'required' }],
			['one tool', { kind: 'tool', name: 'weather' }],
			['a tool whose name must be changed', { kind: 'tool', name: 'das Wetter, heute' }],
		] as const)('can be made to call %s', async (_name, toolChoice) => {
			const odd = { ...weather, name: 'das Wetter, heute' };
			const content = conversation([question], { tools: [weather, odd], toolChoice });
			const answer = await ask(server, vendor, { content, reply: callRome });
			expect(answer).toMatchObject({ finishReason: 'tool_calls', toolCalls: [{ name: 'weather' }] });
		});

		it('can be kept from calling, the tools being known', async () => {
			const messages = [question, assistant('', ['a', 'Rome']), result('a', 'sun')];
			const content = conversation(messages, { toolChoice: { kind: 'none' } });
			expect(await ask(server, vendor, { content, reply: sunny })).toMatchObject({ text: 'It is sunny.' });
		});

		it('calls tools by the names that they have here', async () => {
			const name = `das Wetter, heute ${'und morgen '.repeat(9)}`;
			const content = conversation([question], { tools: [{ ...weather, name }, weather] });
			await ask(server, vendor, { content, reply: sunny });
			const sent = sentNames(sentIn(server)).find((one) => one.startsWith('das'));
			const reply = { calls: [{ name: String(sent), args: { city: 'Rome' } }] };
			expect(await ask(server, vendor, { content, reply })).toMatchObject({ toolCalls: [{ name }] });
			const turn = turnOf(await ask(server, vendor, { content, reply }), vendor.name);
			const loop = [question, turn, ...turn.toolCalls.map(({ id }) => ({ ...result(id, 'sun'), name }))];
			const next = { content: { ...content, messages: loop }, reply: sunny, facts: ['sun', String(sent)] };
			expect(await ask(server, vendor, next)).toMatchObject(sunny);
		});

		it.each<readonly [string, Conversation['tools']]>([
			['without parameters', [{ ...weather, schema: {} }]],
			['with an empty object', [{ ...weather, schema: { type: 'object', properties: {} } }]],
			['without a description', [{ ...weather, description: '' }]],
			[
				'with alternatives at the top',
				[
					{
						...weather,
						schema: { anyOf: [citySchema, { type: 'object', properties: { place: { type: 'string' } } }] },
					},
				],
			],
			[
				'in a draft of long ago',
				[{ ...weather, schema: { $schema: 'http://json-schema.org/draft-07/schema#', ...citySchema } }],
			],
			[
				'with malformed keywords',
				[
					{
						...weather,
						schema: { type: 'object', properties: { city: { type: 'string', required: true, enum: 'Rome' } } },
					},
				],
			],
			['of one name twice', [weather, { ...weather, description: 'Another.' }]],
		])('offers a tool %s', async (_name, tools) => {
			const content = conversation([question], { tools });
			expect(await ask(server, vendor, { content, reply: callRome })).toMatchObject({
				toolCalls: [{ name: 'weather' }],
			});
		});

		it.each<readonly [string, Conversation['output']]>([
			['JSON', { kind: 'json' }],
			['JSON by a schema', { kind: 'jsonSchema', schema: citySchema }],
		])('asks for %s beside tools, at the beginning and after a result', async (_name, output) => {
			const loop = [question, assistant('', ['a', 'Rome']), result('a', 'sun')];
			const json = { text: '{"city":"Rome"}' };
			expect(
				await ask(server, vendor, { content: conversation([question], { output }), reply: callRome }),
			).toMatchObject({
				toolCalls: [{ name: 'weather' }],
			});
			expect(await ask(server, vendor, { content: conversation(loop, { output }), reply: json })).toMatchObject(json);
		});

		describe('what it thought', () => {
			const tellsAll = { reply: sunny, facts: ['sun it is'], thinks: true } as const;
			const thoughtCall = { ...callRome, reasoning: 'Rome, then.' };
			const resultsOf = (calls: readonly ToolCall[]) => calls.map(({ id }) => result(id, 'sun it is'));
			const begun = async () => {
				const answer = await ask(server, vendor, {
					content: conversation([question]),
					reply: thoughtCall,
					thinks: true,
				});
				return turnOf(answer, vendor.name);
			};

			it('is no part of the answer', async () => {
				const turn = await begun();
				expect(turn.text).toBe('');
				expect(JSON.stringify(turn.toolCalls)).not.toContain('Rome, then.');
			});

			it('goes back to it with the result, in the turn after, and in the next loop', async () => {
				const turn = await begun();
				const loop = [question, turn, ...resultsOf(turn.toolCalls)];
				expect(await ask(server, vendor, { content: conversation(loop), ...tellsAll })).toMatchObject(sunny);
				expect(server.requests[0]?.violations.map(({ rule }) => rule)).not.toContain('thinking-dropped');
				const again = turnOf(
					await ask(server, vendor, { content: conversation(loop), reply: thoughtCall, thinks: true }),
					vendor.name,
				);
				const longer = [...loop, again, ...resultsOf(again.toolCalls)];
				expect(await ask(server, vendor, { content: conversation(longer), ...tellsAll })).toMatchObject(sunny);
				const later = [...longer, assistant('It is sunny.'), user('And tomorrow?')];
				expect(await ask(server, vendor, { content: conversation(later), ...tellsAll })).toMatchObject(sunny);
			});

			it('may be missing', async () => {
				const { keepsake: _, ...turn } = await begun();
				const content = conversation([question, turn, ...resultsOf(turn.toolCalls)]);
				expect(await ask(server, vendor, { content, ...tellsAll })).toMatchObject(sunny);
			});

			it.each<readonly [string, (loop: readonly Message[]) => Conversation]>([
				['the question', (loop) => conversation([user('Well, in Rome?'), ...loop.slice(1)])],
				['the system message', (loop) => conversation([{ role: 'system', text: 'Be brief.' }, ...loop])],
				['the tools', (loop) => conversation(loop, { tools: [{ ...weather, description: 'New.' }] })],
				['what was before it', (loop) => conversation([user('Hi'), assistant('Hello'), ...loop])],
				[
					'the arguments of the call',
					([first, turn, ...loop]) =>
						conversation([
							first!,
							{
								...(turn as ReturnType<typeof assistant>),
								toolCalls: (turn as ReturnType<typeof assistant>).toolCalls.map((call) => ({
									...call,
									argumentsText: '{"city":"Rome","id":1}',
								})),
							},
							...loop,
						]),
				],
			])('does no harm when somebody changed %s', async (_name, changed) => {
				const turn = await begun();
				const loop = [question, turn, ...resultsOf(turn.toolCalls)];
				expect(await ask(server, vendor, { content: changed(loop), ...tellsAll })).toMatchObject(sunny);
			});
		});
	});
}

function argumentsIn(calls: readonly ToolCall[] = []): readonly unknown[] {
	return calls.map(({ argumentsText }) => JSON.parse(argumentsText) as unknown);
}

/** The names of all tools, wherever the vendor has them. */
function sentNames(body: string): readonly string[] {
	return [...body.matchAll(/"name":"([^"]*)"/g)].map(([, name]) => name ?? '');
}
