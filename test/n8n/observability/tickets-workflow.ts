import type { Credential, Workflow } from '../task-store/n8n-api.ts';
import type { PricedVendor } from './priced-vendors.ts';

export const promptSecret = 'PLANTED-IN-THE-PROMPT';

const credentialTypes: Readonly<Record<PricedVendor, string>> = {
	anthropic: 'resilientLlmAnthropicApi',
	openai: 'resilientLlmOpenAiApi',
	gemini: 'resilientLlmGeminiApi',
};
const models: Readonly<Record<PricedVendor, string>> = {
	anthropic: 'claude-haiku-5-5',
	openai: 'gpt-6-luna',
	gemini: 'gemini-3.5-flash-lite',
};
const providerIds: Readonly<Record<PricedVendor, string>> = {
	anthropic: 'anthropic',
	openai: 'openAi',
	gemini: 'gemini',
};

export function credentialTypeOf(vendor: PricedVendor): string {
	return credentialTypes[vendor];
}

export function providerIdOf(vendor: PricedVendor): string {
	return providerIds[vendor];
}

/** Webhook → one item per ticket → Resilient LLM → all its items, from both outputs, as the response. */
export function ticketsWorkflow(path: string, credentials: Readonly<Record<string, Credential>>): Workflow {
	const step = (vendor: PricedVendor) => ({
		provider: providerIds[vendor],
		model: { __rl: true, mode: 'id', value: models[vendor] },
		maxAttempts: 2,
		timeoutSeconds: 4,
	});
	const node = (name: string, type: string, typeVersion: number, parameters: object, more: object = {}) => ({
		id: `${path}-${name}`,
		name,
		type,
		typeVersion,
		position: [0, 0],
		parameters,
		...more,
	});
	const to = (name: string, index = 0) => ({ node: name, type: 'main', index });
	return {
		name: path,
		nodes: [
			node(
				'Webhook',
				'n8n-nodes-base.webhook',
				2.1,
				{ httpMethod: 'POST', path, responseMode: 'responseNode', options: {} },
				{ webhookId: path },
			),
			node('Tickets', 'n8n-nodes-base.splitOut', 1, { fieldToSplitOut: 'body.tickets', options: {} }),
			node(
				'Resilient LLM',
				'n8n-nodes-resilient-llm.resilientLlm',
				1,
				{
					prompt: `=${promptSecret}: task number {{ $json.number }}`,
					providerOrder: { step: [step('anthropic'), step('openai'), step('gemini')] },
					taskId: '={{ "ticket-" + $json.number }}',
					taskStore: 'embedded',
					preventDuplicates: true,
					options: { concurrency: 20, retryBaseDelayMs: 20, retryMaxDelayMs: 100, includeInput: false },
				},
				{ credentials },
			),
			node('All', 'n8n-nodes-base.merge', 3.2, {}),
			node('Respond', 'n8n-nodes-base.respondToWebhook', 1.5, { respondWith: 'allIncomingItems', options: {} }),
		],
		connections: {
			Webhook: { main: [[to('Tickets')]] },
			Tickets: { main: [[to('Resilient LLM')]] },
			'Resilient LLM': { main: [[to('All', 0)], [to('All', 1)]] },
			All: { main: [[to('Respond')]] },
		},
		settings: { executionOrder: 'v1' },
	};
}

/** Webhook → report over the embedded store → response. */
export function reportWorkflow(path: string): Workflow {
	const to = (name: string) => [[{ node: name, type: 'main', index: 0 }]];
	return {
		name: path,
		nodes: [
			{
				id: `${path}-webhook`,
				webhookId: path,
				name: 'Webhook',
				type: 'n8n-nodes-base.webhook',
				typeVersion: 2.1,
				position: [0, 0],
				parameters: { httpMethod: 'POST', path, responseMode: 'responseNode', options: {} },
			},
			{
				id: `${path}-report`,
				name: 'Report',
				type: 'n8n-nodes-resilient-llm.resilientLlm',
				typeVersion: 1,
				position: [0, 0],
				parameters: { resource: 'report', operation: 'get', taskStore: 'embedded', groupBy: 'provider' },
			},
			{
				id: `${path}-respond`,
				name: 'Respond',
				type: 'n8n-nodes-base.respondToWebhook',
				typeVersion: 1.5,
				position: [0, 0],
				parameters: { respondWith: 'json', responseBody: '={{ $json }}', options: {} },
			},
		],
		connections: { Webhook: { main: to('Report') }, Report: { main: to('Respond') } },
		settings: { executionOrder: 'v1' },
	};
}
