import { CountedModel } from './counted-model.ts';
import type { Credential, Workflow } from './n8n-api.ts';

export interface WebhookWorkflowOptions {
	/** Names the workflow, and is the path of its webhook. */
	readonly path: string;
	readonly store: 'embedded' | 'redis' | 'postgres';
	/** Of the model, and of the store where it has one; by type. */
	readonly credentials: Readonly<Record<string, Credential>>;
	readonly deadlineSeconds: number;
}

/**
 * Webhook → Resilient LLM → Respond to Webhook, behind both outputs. A call is `{ taskId, once }`. What the node
 * refuses comes back as an item with a field `error`.
 */
export function webhookWorkflow({ path, store, credentials, deadlineSeconds }: WebhookWorkflowOptions): Workflow {
	const respond = { node: 'Respond', type: 'main', index: 0 };
	return {
		name: path,
		nodes: [
			{
				parameters: { httpMethod: 'POST', path, responseMode: 'responseNode', options: {} },
				id: `${path}-webhook`,
				webhookId: path,
				name: 'Webhook',
				type: 'n8n-nodes-base.webhook',
				typeVersion: 2.1,
				position: [0, 0],
			},
			{
				parameters: {
					prompt: `=Do the work. ${CountedModel.nameInPrompt('{{ $json.body.taskId }}')}`,
					providerOrder: {
						step: [{ provider: 'anthropic', model: { __rl: true, mode: 'id', value: 'claude-haiku-5-5' } }],
					},
					taskId: '={{ $json.body.taskId }}',
					taskStore: store,
					preventDuplicates: '={{ $json.body.once }}',
					options: { deadlineSeconds, includeInput: false },
				},
				id: `${path}-llm`,
				name: 'Resilient LLM',
				type: 'n8n-nodes-resilient-llm.resilientLlm',
				typeVersion: 1,
				position: [220, 0],
				credentials,
				onError: 'continueRegularOutput',
			},
			{
				parameters: {
					respondWith: 'json',
					responseBody: '={{ { ...$json, executionId: $execution.id } }}',
					options: {},
				},
				id: `${path}-respond`,
				name: 'Respond',
				type: 'n8n-nodes-base.respondToWebhook',
				typeVersion: 1.5,
				position: [440, 0],
			},
		],
		connections: {
			Webhook: { main: [[{ node: 'Resilient LLM', type: 'main', index: 0 }]] },
			'Resilient LLM': { main: [[respond], [respond]] },
		},
		settings: { executionOrder: 'v1' },
	};
}
