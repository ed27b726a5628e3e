import type { ICredentialDataDecryptedObject, IDataObject, INode } from 'n8n-workflow';

import type { WorkflowJson } from './run-workflow';

/** The node under test, as it is named in its workflow. */
export const nodeName = 'Resilient LLM';

const credentialTypes = [
	'resilientLlmAnthropicApi',
	'resilientLlmOpenAiApi',
	'resilientLlmGeminiApi',
	'resilientLlmOllamaApi',
	'resilientLlmOpenAiCompatibleApi',
	'resilientLlmRedisApi',
] as const;

/** Trigger → Resilient LLM → one node per output. `settings` are the node's own, such as `onError`. */
export function resilientWorkflow(parameters: IDataObject, settings: Partial<INode> = {}): WorkflowJson {
	const node = (name: string, type: string, x: number, more: Partial<INode> = {}): INode => ({
		id: name,
		name,
		type,
		typeVersion: 1,
		position: [x, 0],
		parameters: {},
		...more,
	});
	return {
		nodes: [
			node('Trigger', 'n8n-nodes-base.manualTrigger', 0),
			node(nodeName, 'n8n-nodes-resilient-llm.resilientLlm', 200, {
				parameters: parameters as INode['parameters'],
				credentials: Object.fromEntries(credentialTypes.map((type) => [type, { id: type, name: type }])),
				...settings,
			}),
			node('Answered', 'n8n-nodes-base.noOp', 400),
			node('For a human', 'n8n-nodes-base.noOp', 400),
			node('Failed', 'n8n-nodes-base.noOp', 400),
		],
		connections: {
			Trigger: { main: [[{ node: nodeName, type: 'main', index: 0 }]] },
			[nodeName]: {
				main: ['Answered', 'For a human', 'Failed'].map((target) => [{ node: target, type: 'main', index: 0 }]),
			},
		},
	};
}

/** One step as n8n saves it. */
export function step(provider: string, model: string, more: IDataObject = {}): IDataObject {
	return { provider, model: { __rl: true, mode: 'id', value: model }, maxAttempts: 1, ...more };
}

/** Key of every credential below, to look for where it must not be. */
export const plantedKey = 'sk-planted-0123456789abcdef';

/** Every credential type, pointing at one simulated server. */
export function credentialsFor(baseUrl: string): Record<string, ICredentialDataDecryptedObject> {
	return {
		resilientLlmAnthropicApi: { apiKey: plantedKey, baseUrl },
		resilientLlmOpenAiApi: { apiKey: plantedKey, baseUrl: `${baseUrl}/v1` },
		resilientLlmGeminiApi: { apiKey: plantedKey, baseUrl },
		resilientLlmOllamaApi: { apiKey: '', baseUrl },
		resilientLlmOpenAiCompatibleApi: { apiKey: '', baseUrl: `${baseUrl}/compatible/v1` },
	};
}
