import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { AssistantMessage, Message } from '../../../nodes/ResilientLlm/engine/conversation';
import { startStrictServer, type StrictServer } from '../../vendor-rules/strict-server';
import type { ScriptedReply } from '../../vendor-rules/wire/scripted-reply';
import { conversationVendors, type ConversationVendor } from './conversation-vendors';
import { ask, conversation, pixel, result, sentIn, turnOf, user } from './strict-conversation';

interface Scenario {
	readonly name: string;
	readonly question: Message;
	/** How its first model answers. */
	readonly first: ScriptedReply;
	/** What tools give back to this city, or how they fail. */
	readonly weatherIn: Readonly<Record<string, string>>;
	readonly fails?: boolean;
	readonly image?: boolean;
	readonly thinks?: boolean;
}

const callsOf = (...cities: readonly string[]) => cities.map((city) => ({ name: 'weather', args: { city } }));
const question = user('Where is it warmer, in Rome or in Oslo?');
const degrees = { Rome: '29 degrees', Oslo: '11 degrees', Bonn: '17 degrees' };

const scenarios: readonly Scenario[] = [
	{ name: 'a plain history', question, first: { text: 'Between which dates?' }, weatherIn: degrees },
	{ name: 'one tool call', question, first: { calls: callsOf('Rome') }, weatherIn: degrees },
	{
		name: 'two parallel tool calls',
		question,
		first: { text: 'I look at both.', calls: callsOf('Rome', 'Oslo') },
		weatherIn: degrees,
	},
	{
		name: 'a failing tool',
		question,
		first: { calls: callsOf('Rome', 'Oslo') },
		weatherIn: { Rome: 'HTTP 503 of the weather', Oslo: 'HTTP 504 of the weather', Bonn: '17 degrees' },
		fails: true,
	},
	{
		name: 'an image',
		question: user(pixel, 'Where is it warmer, here or in Oslo?'),
		first: { calls: callsOf('Oslo') },
		weatherIn: degrees,
		image: true,
	},
	{
		name: 'reasoning on',
		question,
		first: { calls: callsOf('Rome', 'Oslo'), reasoning: 'Two cities, two calls.' },
		weatherIn: degrees,
		thinks: true,
	},
];

let server: StrictServer;
beforeAll(async () => {
	server = await startStrictServer();
});
afterAll(async () => {
	await server.close();
});

const pairs = conversationVendors.flatMap((one) => conversationVendors.map((other) => [one, other] as const));

describe.each(scenarios)('a tool loop with $name', (scenario) => {
	it.each(pairs.map(([one, other]) => [one.name, other.name, one, other] as const))(
		'begun by %s goes on with %s, back, and on again, to the right answer',
		async (_one, _other, one, other) => {
			const { weatherIn, thinks = false } = scenario;
			const messages: Message[] = [{ role: 'system', text: 'Be brief.' }, scenario.question];
			const facts = ['Be brief.', ...(scenario.image ? ['iVBORw0KGgo'] : [])];
			const says = async (vendor: ConversationVendor, reply: ScriptedReply): Promise<AssistantMessage> => {
				const asked = { content: conversation(messages), reply, thinks, facts };
				const answer = await ask(server, vendor, asked);
				expect(answer.finishReason).toBe(reply.calls === undefined ? 'stop' : 'tool_calls');
				expectOwnThoughtsOnly(messages, vendor);
				const turn = turnOf(answer, vendor.name);
				expect(turn).toMatchObject({
					text: reply.text ?? '',
					toolCalls: (reply.calls ?? []).map(({ name }) => ({ name })),
				});
				messages.push(turn);
				return turn;
			};
			const runTools = ({ toolCalls }: AssistantMessage): void => {
				for (const { id, argumentsText } of toolCalls) {
					const { city } = JSON.parse(argumentsText) as { readonly city: string };
					const told = weatherIn[city] ?? 'unknown';
					messages.push({ ...result(id, told, ...(scenario.image ? [pixel] : [])), isError: scenario.fails === true });
					facts.push(told);
				}
			};

			const begun = await says(one, scenario.first);
			if (begun.toolCalls.length > 0) runTools(begun);
			else messages.push(user('Today.'));
			runTools(await says(other, { calls: callsOf('Bonn'), ...(thinks && { reasoning: 'Bonn as well.' }) }));
			await says(one, { text: 'In Rome.', ...(thinks && { reasoning: '29 is more than 11.' }) });
			messages.push(user('Are you sure?'));
			await says(other, { text: 'Yes, in Rome.' });
		},
	);
});

/** A vendor gets back what its own model thought, and nothing of what another one's did. */
function expectOwnThoughtsOnly(messages: readonly Message[], vendor: ConversationVendor): void {
	const sent = sentIn(server);
	for (const message of messages) {
		if (message.role !== 'assistant' || message.keepsake === undefined) continue;
		const seals = JSON.stringify(message.keepsake.content).match(/c2VhbGVkO[\w+/=-]+/g) ?? [];
		const isOwn = message.keepsake.target === vendor.name;
		for (const seal of seals) expect(sent.includes(seal), `${message.keepsake.target}'s thoughts`).toBe(isOwn);
	}
}
