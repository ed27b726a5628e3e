import type { Workflow } from './imported-workflows.ts';

export const workflowId = 'rlReviewed';
export const pagePath = 'resilient-llm-reviewed';
export const askPath = 'resilient-llm-ask';

/** The nodes that the tests look into. */
export const nodes = {
	model: 'Resilient LLM',
	mail: 'Mail the team',
	decision: 'A human decided',
	use: 'Use the answer',
} as const;

/** POST a task to its webhook: a model or a human answers, and both answers meet in one node. */
export const reviewedWorkflow: Workflow = {
	id: workflowId,
	name: 'Refund desk',
	nodes: [
		node(
			'Ask',
			'n8n-nodes-base.webhook',
			2,
			{ httpMethod: 'POST', path: askPath, responseMode: 'lastNode', responseData: 'allEntries' },
			'b1f0',
		),
		node('The task', 'n8n-nodes-base.set', 3.4, { mode: 'raw', jsonOutput: '={{ $json.body }}', options: {} }),
		node(nodes.model, 'n8n-nodes-resilient-llm.resilientLlm', 1, {
			prompt: '=Decide on this refund request and write the reply to the customer.\n\n{{ $json.question }}',
			systemMessage: 'You are a support agent of a small hi-fi shop. Refunds within 14 days are always granted.',
			providerOrder: {
				step: [
					model('anthropic', 'claude-haiku-5-5'),
					model('openAi', 'gpt-6-luna'),
					model('gemini', 'gemini-3.5-flash-lite'),
				],
			},
			confidence: '={{ $json.confidence }}',
			taskId: '={{ $json.taskId }}',
			preventDuplicates: true,
			options: {
				retryBaseDelayMs: 1,
				reviewDueHours: 4,
				reviewPageUrl: `={{ $execution.resumeUrl.split('/webhook-waiting')[0] }}/webhook/${pagePath}`,
			},
		}),
		node(
			nodes.mail,
			'n8n-nodes-base.emailSend',
			2.1,
			{
				fromEmail: 'n8n@example.com',
				toEmail: 'team@example.com',
				subject: '={{ $json.message.title }}',
				emailFormat: 'text',
				text: '={{ $json.message.text }}',
				options: { appendAttribution: false },
			},
			'b1f1',
		),
		node(nodes.decision, 'n8n-nodes-resilient-llm.resilientLlmReviewTrigger', 1, { path: pagePath }, 'b1f2'),
		node(nodes.use, 'n8n-nodes-base.noOp', 1, {}),
	],
	connections: {
		Ask: { main: [[to('The task')]] },
		'The task': { main: [[to(nodes.model)]] },
		[nodes.model]: { main: [[to(nodes.use)], [to(nodes.mail)]] },
		[nodes.decision]: { main: [[to(nodes.use)]] },
	},
	active: false,
	settings: { executionOrder: 'v1', timezone: 'Europe/Berlin' },
	pinData: {},
};

function node(
	name: string,
	type: string,
	typeVersion: number,
	parameters: object,
	webhook?: string,
): Workflow['nodes'][number] {
	const id = `00000000-0000-4000-8000-${Buffer.from(name).toString('hex').padEnd(12, '0').slice(0, 12)}`;
	return {
		parameters,
		id,
		name,
		type,
		typeVersion,
		position: [0, 0],
		...(webhook !== undefined && { webhookId: `00000000-0000-4000-8000-00000000${webhook}` }),
	};
}

function model(provider: string, value: string): object {
	return { provider, model: { __rl: true, mode: 'id', value } };
}

function to(name: string): object {
	return { node: name, type: 'main', index: 0 };
}
