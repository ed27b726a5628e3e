import type { Vendor } from '../../simulated-providers/vendor.ts';
import { sent, type ModelPlug } from './model-plug.ts';
import type { CredentialData, Node } from './workflow.ts';

const apiKey = 'sk-survival-table';
const ofLangChain = '@n8n/n8n-nodes-langchain.';
const byId = (value: string) => ({ __rl: true, mode: 'id', value });

interface BuiltIn {
	readonly name: string;
	readonly vendor: Vendor;
	readonly node: Omit<Node, 'name'>;
}

function builtIn(
	name: string,
	vendor: Vendor,
	type: string,
	typeVersion: number,
	parameters: Node['parameters'],
	credentials: Readonly<Record<string, CredentialData>>,
): BuiltIn {
	return {
		name,
		vendor,
		node: { type: ofLangChain + type, typeVersion, parameters: { options: {}, ...parameters }, credentials },
	};
}

const openAi = { openAiApi: { apiKey, url: sent('baseUrls.openai') } };

/** n8n's own chat models, each as it is when it is put on the canvas. */
export const builtInModels = {
	openAi: builtIn('OpenAI', 'openai', 'lmChatOpenAi', 1.3, { model: byId('gpt-6-luna') }, openAi),
	openAiChat: builtIn(
		'OpenAI Chat Completions',
		'openai',
		'lmChatOpenAi',
		1.3,
		{ model: byId('gpt-4o-mini'), responsesApiEnabled: false },
		openAi,
	),
	anthropic: builtIn(
		'Anthropic',
		'anthropic',
		'lmChatAnthropic',
		1.6,
		{ model: byId('claude-haiku-5-5') },
		{ anthropicApi: { apiKey, url: sent('baseUrls.anthropic') } },
	),
	anthropicThinking: builtIn(
		'Anthropic thinking',
		'anthropic',
		'lmChatAnthropic',
		1.6,
		{ model: byId('claude-sonnet-5-5'), options: { thinkingMode: 'adaptive' } },
		{ anthropicApi: { apiKey, url: sent('baseUrls.anthropic') } },
	),
	gemini: builtIn(
		'Gemini',
		'gemini',
		'lmChatGoogleGemini',
		1.2,
		{ modelName: 'models/gemini-3.8-flash' },
		{ googlePalmApi: { apiKey, host: sent('baseUrls.gemini') } },
	),
	ollama: builtIn(
		'Ollama',
		'ollama',
		'lmChatOllama',
		1,
		{ model: 'llama3.2' },
		{ ollamaApi: { baseUrl: sent('baseUrls.ollama') } },
	),
} as const;

export type BuiltInModel = keyof typeof builtInModels;

export const builtInNames = Object.keys(builtInModels) as readonly BuiltInModel[];

/** A built-in model by itself. */
export function alone(model: BuiltInModel): ModelPlug {
	return plugOf('alone', 'n8n’s chat model alone', [model]);
}

/** A built-in model with n8n's own "Enable Fallback Model". */
export function withFallback(first: BuiltInModel, fallback: BuiltInModel): ModelPlug {
	return plugOf('fallback', 'n8n’s chat model + n8n’s fallback model', [first, fallback]);
}

function plugOf(id: string, title: string, models: readonly BuiltInModel[]): ModelPlug {
	const used = models.map((model) => builtInModels[model]);
	return {
		id,
		title,
		vendors: used.map(({ vendor }) => vendor),
		nodes: used.map(({ name, node }) => ({ name, ...node })),
		wires: [],
		models: used.map(({ name }) => name),
	};
}
