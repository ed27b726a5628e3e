import { key, maxOutputTokens, model } from '../contenders/contender.ts';

/** A workflow and the credentials it names, as n8n imports them. */
export interface ImportedWorkflow {
	readonly id: string;
	readonly name: string;
	readonly [field: string]: unknown;
}

/** Where the first provider and the fallback are. */
export interface Providers {
	readonly first: string;
	readonly fallback: string;
}

type Node = Readonly<Record<string, unknown>>;
type Connections = Readonly<Record<string, unknown>>;

const last = 'Answer';

export function credentialsFor({ first, fallback }: Providers): readonly object[] {
	const credential = (id: string, type: string, data: object) => ({ id, name: id, type, data });
	return [
		credential('benchOurs', 'resilientLlmOpenAiApi', { apiKey: key, baseUrl: first }),
		credential('benchOursFallback', 'resilientLlmOpenAiCompatibleApi', { apiKey: key, baseUrl: fallback }),
		credential('benchBuiltIn', 'openAiApi', { apiKey: key, url: first }),
		credential('benchBuiltInFallback', 'openAiApi', { apiKey: key, url: fallback }),
	];
}

/** POST /webhook/<id> → one object with all items → so many items → the node that is measured. */
function around(
	id: string,
	items: number,
	measured: Node,
	more: readonly Node[] = [],
	wires: Connections = {},
): ImportedWorkflow {
	const list = `={{ { list: Array.from({ length: ${items} }, (_, index) => ({ text: 'Summarise ticket ' + index + ' in one sentence.' })) } }}`;
	return {
		id,
		name: id,
		active: false,
		settings: { executionOrder: 'v1' },
		pinData: {},
		nodes: [
			node(
				'Start',
				'n8n-nodes-base.webhook',
				2.1,
				{ httpMethod: 'POST', path: id, responseMode: 'onReceived', options: {} },
				{ webhookId: id },
			),
			node('Make', 'n8n-nodes-base.set', 3.4, { mode: 'raw', jsonOutput: list, options: {} }),
			node('Split', 'n8n-nodes-base.splitOut', 1, { fieldToSplitOut: 'list', options: {} }),
			measured,
			...more,
		],
		connections: { Start: to('Make'), Make: to('Split'), Split: to(last), ...wires },
	};
}

/** The same with nothing to do: what n8n itself takes. */
export function emptyRun(id: string, items: number): ImportedWorkflow {
	return around(id, items, node(last, 'n8n-nodes-base.noOp', 1, {}));
}

export function ourRun(
	id: string,
	items: number,
	taskStore: 'none' | 'embedded',
	concurrency: number,
): ImportedWorkflow {
	const step = (provider: string) => ({ provider, model: { __rl: true, mode: 'id', value: model }, maxOutputTokens });
	const parameters = {
		prompt: '={{ $json.text }}',
		providerOrder: { step: [step('openAi'), step('openAiCompatible')] },
		taskStore,
		options: { concurrency },
	};
	const credentials = {
		resilientLlmOpenAiApi: named('benchOurs'),
		resilientLlmOpenAiCompatibleApi: named('benchOursFallback'),
	};
	return around(id, items, node(last, 'n8n-nodes-resilient-llm.resilientLlm', 1, parameters, { credentials }));
}

/** n8n's own Basic LLM Chain with two OpenAI Chat Models. Without `batchSize` it is at its default, which is 5. */
export function builtInRun(id: string, items: number, batchSize?: number): ImportedWorkflow {
	const batching = batchSize === undefined ? {} : { batching: { batchSize, delayBetweenBatches: 0 } };
	const chain = node(last, '@n8n/n8n-nodes-langchain.chainLlm', 1.9, {
		promptType: 'define',
		text: '={{ $json.text }}',
		needsFallback: true,
		...batching,
	});
	// Chat completions, as our node asks, and not the Responses API.
	const chatModel = (name: string, credential: string) =>
		node(
			name,
			'@n8n/n8n-nodes-langchain.lmChatOpenAi',
			1.3,
			{ model: { __rl: true, mode: 'id', value: model }, responsesApiEnabled: false, options: {} },
			{ credentials: { openAiApi: named(credential) } },
		);
	const wire = (index: number) => ({ ai_languageModel: [[{ node: last, type: 'ai_languageModel', index }]] });
	return around(
		id,
		items,
		chain,
		[chatModel('Model', 'benchBuiltIn'), chatModel('Fallback model', 'benchBuiltInFallback')],
		{ Model: wire(0), 'Fallback model': wire(1) },
	);
}

function node(name: string, type: string, typeVersion: number, parameters: object, more: object = {}): Node {
	return { id: name, name, type, typeVersion, position: [0, 0], parameters, ...more };
}

function to(name: string): object {
	return { main: [[{ node: name, type: 'main', index: 0 }]] };
}

function named(id: string): object {
	return { id, name: id };
}
