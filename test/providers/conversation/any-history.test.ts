import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';

import type {
	AssistantMessage,
	Message,
	OutputFormat,
	ToolChoice,
} from '../../../nodes/ResilientLlm/engine/conversation';
import { startStrictServer, type StrictServer } from '../../vendor-rules/strict-server';
import { conversationVendors } from './conversation-vendors';
import { ask, conversation, pixel, turnOf, user, weather } from './strict-conversation';

let server: StrictServer;
beforeAll(async () => {
	server = await startStrictServer();
});
afterAll(async () => {
	await server.close();
});

const words = fc.oneof(fc.constantFrom('', ' ', '\n', 'sun', 'rain', '\ud83d', '{"city":"Rome"}'), fc.string());
const parts = fc.array(fc.oneof(words, words, fc.constant(pixel)), { maxLength: 3 });
const ids = fc.oneof(fc.constantFrom('', 'a', 'b', 'call_1|fc_68af', 'x'.repeat(70), 'a:0', 'toolu_1'), fc.string());
const names = fc.oneof(fc.constantFrom('weather', 'das Wetter', ''), fc.string());
const call = fc.record({
	id: ids,
	name: names,
	argumentsText: fc.oneof(fc.json(), fc.constantFrom('{"city":"Rome"}', '', '{', '{"city":"\\ud83d"}')),
});
const message: fc.Arbitrary<Message> = fc.oneof(
	fc.record({ role: fc.constant('system' as const), text: words }),
	parts.map((some) => user(...some)),
	fc.record({ role: fc.constant('assistant' as const), text: words, toolCalls: fc.array(call, { maxLength: 3 }) }),
	fc
		.record({ callId: ids, name: names, parts, isError: fc.boolean() })
		.map((told) => ({ ...told, role: 'tool' as const, parts: partsOf(user(...told.parts)) })),
);
const toolChoice = fc.constantFrom<ToolChoice>(
	{ kind: 'auto' },
	{ kind: 'required' },
	{ kind: 'none' },
	{ kind: 'tool', name: 'weather' },
);
const output = fc.constantFrom<OutputFormat>(
	{ kind: 'text' },
	{ kind: 'json' },
	{ kind: 'jsonSchema', schema: { type: 'object', properties: { city: { type: 'string', minLength: 1 } } } },
);
const tools = fc.constantFrom([], [weather], [weather, { ...weather, name: 'das Wetter' }]);

/** Ollama's adapter takes a prompt that was read in part for one that was cut. */
const wholePrompt = { input: 3000, output: 20 };

function partsOf(message: Message) {
	return message.role === 'user' ? message.parts : [];
}

describe.each(conversationVendors)('$name', (vendor) => {
	it('takes whatever was said, wherever in it its own thoughts stand', async () => {
		const reply = { text: 'I look.', calls: [{ name: 'weather', args: { city: 'Rome' } }], reasoning: 'Rome, then.' };
		const begun = conversation([user('How is the weather in Rome?')]);
		const own = turnOf(await ask(server, vendor, { content: begun, reply, thinks: true }), vendor.name);
		const results = own.toolCalls.map(({ id, name }): Message => ({
			role: 'tool',
			callId: id,
			name,
			parts: [{ kind: 'text', text: 'sun' }],
			isError: false,
		}));
		const thought = fc.oneof(
			fc.constant<readonly Message[]>([own, ...results]),
			fc.constant<readonly Message[]>([own]),
			fc.record({ text: words, toolCalls: fc.array(call, { maxLength: 2 }) }).map((change): readonly Message[] => {
				const changed: AssistantMessage = { ...own, ...change };
				return [changed, ...results];
			}),
		);
		const some = fc.array(message, { maxLength: 4 });
		const asked = fc.record({ before: some, thought, after: some, tools, toolChoice, output, thinks: fc.boolean() });
		await fc.assert(
			fc.asyncProperty(asked, async ({ before, thought: own, after, thinks, ...change }) => {
				const content = conversation([...before, ...own, ...after], change);
				await ask(server, vendor, { content, reply: { text: '{"city":"Rome"}', usage: wholePrompt }, thinks });
			}),
			{ numRuns: 60 },
		);
	});
});
