import { sent, type ModelPlug } from './model-plug.ts';
import { builtInModels, type BuiltInModel } from './built-in-models.ts';
import type { CredentialData } from './workflow.ts';

const apiKey = 'sk-survival-table';
const name = 'Resilient Chat Model';

interface Step {
	readonly provider: string;
	readonly model: string;
	readonly credential: string;
	readonly data: CredentialData;
	readonly reasoningEffort?: string;
}

/** Our step for each of n8n's own models: the same vendor, the same model. */
const steps: Readonly<Record<BuiltInModel, Step>> = {
	openAi: step('openAi', 'gpt-6-luna', 'resilientLlmOpenAiApi', 'openai'),
	openAiChat: step('openAi', 'gpt-4o-mini', 'resilientLlmOpenAiApi', 'openai'),
	anthropic: step('anthropic', 'claude-haiku-5-5', 'resilientLlmAnthropicApi', 'anthropic'),
	anthropicThinking: step('anthropic', 'claude-sonnet-5-5', 'resilientLlmAnthropicApi', 'anthropic'),
	gemini: step('gemini', 'gemini-3.8-flash', 'resilientLlmGeminiApi', 'gemini'),
	ollama: step('ollama', 'llama3.2', 'resilientLlmOllamaApi', 'ollama'),
};

function step(provider: string, model: string, credential: string, vendor: string): Step {
	return { provider, model, credential, data: { apiKey, baseUrl: sent(`baseUrls.${vendor}`) } };
}

/** Less than a run may take: three calls that hang leave time for the next model. */
const timeoutSeconds = 6;

/** Our chat model with these models in its order. */
export function ours(...models: readonly BuiltInModel[]): ModelPlug {
	return ourPlug('ours', 'Resilient Chat Model', models, {});
}

export function ourPlug(
	id: string,
	title: string,
	models: readonly BuiltInModel[],
	parameters: Readonly<Record<string, unknown>>,
): ModelPlug {
	const used = models.map((model) => steps[model]);
	return {
		id,
		title,
		vendors: models.map((model) => builtInModels[model].vendor),
		nodes: [
			{
				name,
				type: 'n8n-nodes-resilient-llm.resilientChatModel',
				typeVersion: 1,
				parameters: {
					providerOrder: {
						step: used.map(({ provider, model }) => ({
							provider,
							model: { __rl: true, mode: 'id', value: model },
							timeoutSeconds,
						})),
					},
					...parameters,
				},
				credentials: Object.fromEntries(used.map(({ credential, data }) => [credential, data])),
			},
		],
		wires: [],
		models: [name],
	};
}
