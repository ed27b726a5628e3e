import { describe, expect, it } from 'vitest';

import { generate, useVendors } from './fixture';
import { nodeName, step } from './resilient-workflow';
import { setSsrfProtection } from './run-workflow';

const suite = useVendors();
const claudeThenGpt = { step: [step('anthropic', 'claude-haiku-5-5'), step('openAi', 'gpt-6-luna')] };

describe('out of the box', () => {
	it('asks the first model of the default order and sends nothing that was not set', async () => {
		const { success } = await generate(suite.vendors, {});

		expect(success[0]?.json).toMatchObject({
			output: 'fine',
			tier: 1,
			provider: 'anthropic',
			model: 'claude-haiku-5-5',
			replayed: false,
			warnings: [],
		});
		expect(JSON.parse(suite.vendors.calls[0]!.body)).toEqual({
			model: 'claude-haiku-5-5',
			max_tokens: 1024,
			messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
		});
	});

	it('gives exactly the fields of the contract', async () => {
		suite.vendors.decide = (_, prompt) => (prompt === 'hard' ? { status: 400 } : { answer: 'fine' });
		const items = [{ json: { text: 'easy' } }, { json: { text: 'hard' } }];
		const { success, escalate } = await generate(suite.vendors, { items });

		expect(Object.keys(success[0]!.json)).toEqual([
			'output',
			'taskId',
			'tier',
			'degraded',
			'provider',
			'model',
			'finishReason',
			'usage',
			'costUsd',
			'latencyMs',
			'replayed',
			'attempts',
			'warnings',
			'input',
		]);
		expect(Object.keys(escalate[0]!.json)).toEqual([
			'taskId',
			'status',
			'tier',
			'reasonCode',
			'reason',
			'prompt',
			'preview',
			'systemMessage',
			'draft',
			'context',
			'attempts',
			'costUsd',
			'latencyMs',
			'failedAt',
			'dueAt',
			'reviewUrl',
			'warnings',
			'executionId',
			'workflowId',
			'workflowName',
			'message',
		]);
		expect(success[0]!.json).toMatchObject({
			costUsd: 0.00015,
			usage: { inputTokens: 1000, outputTokens: 100, cachedInputTokens: 0, reasoningTokens: 0 },
		});
		expect(escalate[0]!.json).toMatchObject({
			status: 'pending_human_review',
			tier: 3,
			dueAt: null,
			reviewUrl: null,
			executionId: 'execution-1',
			workflowId: 'workflow-1',
			workflowName: 'Test workflow',
		});
	});

	it('leaves the input out when it is not wanted', async () => {
		const { success } = await generate(suite.vendors, { parameters: { options: { includeInput: false } } });

		expect(success[0]?.json).not.toHaveProperty('input');
	});
});

describe('per item', () => {
	it('expressions choose model, settings and order', async () => {
		const items = [
			{ json: { text: 'a', model: 'claude-one', temperature: '' } },
			{ json: { text: 'b', model: 'claude-two', temperature: 0.5 } },
		];
		const providerOrder = { step: [step('openAi', '={{ $json.model }}', { temperature: '={{ $json.temperature }}' })] };
		await generate(suite.vendors, { items, parameters: { providerOrder, options: { concurrency: 1 } } });

		expect(suite.vendors.calls.map(({ body }) => JSON.parse(body) as Record<string, unknown>)).toMatchObject([
			{ model: 'claude-one' },
			{ model: 'claude-two', temperature: 0.5 },
		]);
		expect(JSON.parse(suite.vendors.calls[0]!.body)).not.toHaveProperty('temperature');
	});

	it('files travel with the prompt', async () => {
		const binary = {
			scan: { mimeType: 'image/png', data: Buffer.from('picture').toString('base64'), fileName: 'scan.png' },
			invoice: { mimeType: 'application/pdf', data: Buffer.from('paper').toString('base64'), fileName: 'invoice.pdf' },
		};
		const { success } = await generate(suite.vendors, {
			items: [{ json: { text: 'Read' }, binary }],
			parameters: { binaryFields: 'scan, invoice' },
		});

		expect(suite.vendors.calls[0]?.body).toContain(Buffer.from('picture').toString('base64'));
		expect(suite.vendors.calls[0]?.body).toContain(Buffer.from('paper').toString('base64'));
		expect(Object.keys(success[0]?.binary ?? {})).toEqual(['scan', 'invoice']);
	});

	it('JSON that misses the schema is asked for once more, then comes out parsed', async () => {
		const answers = ['{"mood": "green"}', '{"mood": "good"}'];
		suite.vendors.decide = () => ({ answer: answers.shift() ?? 'no more' });
		const jsonSchema = JSON.stringify({
			type: 'object',
			properties: { mood: { enum: ['good', 'bad'] } },
			required: ['mood'],
		});
		const providerOrder = { step: [step('anthropic', 'claude-haiku-5-5', { maxAttempts: 2 })] };
		const parameters = {
			providerOrder,
			outputFormat: 'jsonSchema',
			jsonSchema,
			options: { retryBaseDelayMs: 0, retryMaxDelayMs: 0 },
		};
		const { success } = await generate(suite.vendors, { parameters });

		expect(success[0]?.json.output).toEqual({ mood: 'good' });
		expect(suite.vendors.calls[1]?.body).toContain('/mood');
	});
});

describe('as the tool of an AI agent', () => {
	it('gives a task for a human on the only output an agent reads', async () => {
		suite.vendors.decide = () => ({ status: 400 });
		const run = await generate(suite.vendors, {
			parameters: { providerOrder: claudeThenGpt },
			settings: { rewireOutputLogTo: 'ai_tool' },
		});

		expect(run.success[0]?.json).toMatchObject({ status: 'pending_human_review', reasonCode: 'invalid_request' });
		expect(run.escalate).toEqual([]);
	});
});

describe("n8n's own rules", () => {
	it('warns when Retry On Fail is switched on', async () => {
		const { hints } = await generate(suite.vendors, { settings: { retryOnFail: true } });

		expect(hints(nodeName)).toMatchObject([
			{ type: 'warning', message: expect.stringContaining('Retry On Fail') as string },
		]);
	});

	it('its network policy holds for every provider', async () => {
		setSsrfProtection(true);
		try {
			const providerOrder = {
				step: ['anthropic', 'gemini', 'ollama', 'openAi', 'openAiCompatible'].map((provider) => step(provider, 'any')),
			};
			const { escalate } = await generate(suite.vendors, { parameters: { providerOrder } });

			const attempts = escalate[0]?.json.attempts as ReadonlyArray<{ readonly message: string }>;
			expect(attempts).toHaveLength(5);
			for (const { message } of attempts) expect(message).toContain("n8n's network rules forbid 127.0.0.1");
			expect(suite.vendors.calls).toEqual([]);
		} finally {
			setSsrfProtection(false);
		}
	});
});
