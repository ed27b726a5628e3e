import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AgentN8n } from './agent-n8n.ts';
import type { Heard } from './heard.ts';
import { answering, calculating, remembering, structured, type Script } from './vendors/scripts.ts';
import { agentDraft } from './workflows/agent.ts';
import { alone, withFallback } from './workflows/built-in-models.ts';
import {
	agentWithParser,
	autoFixingParser,
	basicChain,
	behindSelector,
	informationExtractor,
	parsedPlaces,
	textClassifier,
} from './workflows/consumers.ts';
import type { ModelPlug } from './workflows/model-plug.ts';
import { ours } from './workflows/our-model.ts';
import type { Draft } from './workflows/workflow.ts';

const webhook = { kind: 'webhook', streamed: false } as const;
const limitMs = 20_000;

/**
 * What is put into every consumer. Whoever adds a model of another kind adds it here. Not n8n's OpenAI model: over the
 * Responses API, Agent 2.x refuses it and the auto-fixing parser cannot read it; over Chat Completions, Agent 3 sends
 * back calls without content as an empty list, which OpenAI turns down.
 */
const plugs: readonly ModelPlug[] = [
	alone('anthropic'),
	withFallback('anthropic', 'gemini'),
	ours('openAi', 'anthropic', 'gemini'),
];

let lab: AgentN8n;

beforeAll(async () => {
	lab = await AgentN8n.start();
});

afterAll(async () => await lab?.stop());

describe.each(plugs)('$title, under what else in n8n takes a model', (plug) => {
	const named = (path: string) => `${path}-${plug.id}`;

	test('Basic LLM Chain', async () => {
		expect(await asked(basicChain(named('chain'), plug), answering)).toEqual({ text: 'The result is 42.' });
	});

	test('Information Extractor', async () => {
		const ada = { name: 'Ada', age: 36 };
		const said = await asked(informationExtractor(named('extractor'), plug), structured('Ada is 36 years old.', ada));
		expect(said).toEqual({ output: ada });
	});

	test('Text Classifier', async () => {
		const script = structured('I was charged twice.', { billing: true, technical: false });
		expect(await asked(textClassifier(named('classifier'), plug), script)).toMatchObject({
			body: { chatInput: script.question },
		});
	});

	test('Structured Output Parser, in the right format at once', async () => {
		const script = structured('Name a city of California.', parsedPlaces);
		expect(await asked(autoFixingParser(named('parser'), plug), script)).toEqual(parsedPlaces);
	});

	test('Structured Output Parser with auto-fixing', async () => {
		const script = structured('Name a city of California.', parsedPlaces, '{"output":{"state":"California"}}');
		expect(await asked(autoFixingParser(named('fixing'), plug), script)).toEqual(parsedPlaces);
		expect(lab.vendors.journal.filter((call) => call.plan === named('fixing'))).toHaveLength(2);
	});

	test('Agent with a Structured Output Parser', async () => {
		const script = structured('Name a city of California.', parsedPlaces);
		expect(await asked(agentWithParser({ path: named('agent-parser'), plug }), script)).toEqual(parsedPlaces);
	});

	test('Agent with Simple Memory, by chat, streamed', async () => {
		const chat = { kind: 'chat', streamed: true } as const;
		const published = await lab.publish(agentDraft({ path: named('memory'), plug, trigger: chat, memory: true }), chat);
		const turn = async (chatInput: string) => {
			const plan = { script: remembering, troubles: {} };
			return textOf(await lab.ask(published, named('memory'), plan, limitMs, { chatInput, sessionId: named('ada') }));
		};
		await turn('My name is Ada');
		expect(await turn('What was the first thing I said?')).toBe('You said: My name is Ada');
	});

	test('Agent 2.2, which runs its tools by itself', async () => {
		const draft = agentDraft({ path: named('agent-2'), plug, trigger: webhook, agentVersion: 2.2 });
		expect(await asked(draft, calculating)).toEqual({ output: calculating.answer });
	});

	test('behind Model Selector', async () => {
		const draft = agentDraft({ path: named('selector'), plug: behindSelector(plug), trigger: webhook });
		expect(await asked(draft, calculating)).toEqual({ output: calculating.answer });
	});

	async function asked(draft: Draft, script: Script): Promise<unknown> {
		const published = await lab.publish(draft, webhook);
		const { status, body } = await lab.ask(published, draft.path, { script, troubles: {} }, limitMs);
		expect(status, body).toBe(200);
		return JSON.parse(body) as unknown;
	}
});

function textOf({ pieces }: Heard): string {
	return pieces
		.filter(({ type }) => type === 'item')
		.map(({ content }) => content)
		.join('');
}
