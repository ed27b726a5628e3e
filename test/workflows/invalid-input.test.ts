import type { IDataObject } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';

import { generate, useVendors } from './fixture';
import { credentialsFor, nodeName, resilientWorkflow, step } from './resilient-workflow';
import { runWorkflow, type WorkflowInput } from './run-workflow';

const suite = useVendors();

const order = (...steps: IDataObject[]) => ({ providerOrder: { step: steps } });
const claude = (more: IDataObject = {}) => step('anthropic', 'claude-haiku-5-5', more);
const gpt = (more: IDataObject = {}) => step('openAi', 'gpt-6-luna', more);
const file = (mimeType: string) => ({ mimeType, data: Buffer.from('content').toString('base64'), fileName: 'file' });
const items = (binary: NonNullable<WorkflowInput['items'][number]['binary']>) => [
	{ json: { text: 'Read this' }, binary },
];

describe('wrong input is named before any provider is called', () => {
	it.each<{
		readonly what: string;
		readonly parameters: IDataObject;
		readonly items?: WorkflowInput['items'];
		readonly message: string;
		readonly advice: RegExp;
	}>([
		{
			what: 'no provider',
			parameters: order(),
			message: 'The provider order is empty',
			advice: /Add at least one provider/,
		},
		{
			what: 'a provider order that was emptied in the editor',
			parameters: { providerOrder: {} },
			message: 'The provider order is empty',
			advice: /Add at least one provider/,
		},
		{
			what: 'an empty prompt',
			parameters: { prompt: '={{ $json.nothing }}' },
			message: 'The prompt is empty',
			advice: /Enter a prompt/,
		},
		{
			what: 'a blank prompt',
			parameters: { prompt: '={{ "  " }}' },
			message: 'The prompt is empty',
			advice: /Enter a prompt/,
		},
		{
			what: 'an unknown provider',
			parameters: order(step('={{ "mistral" }}', 'x')),
			message: 'Step 1: Provider must be one of anthropic, gemini, ollama, openAi, openAiCompatible, not "mistral"',
			advice: /expression/,
		},
		{
			what: 'a step without a model',
			parameters: order(claude(), step('openAi', '={{ "" }}')),
			message: 'Step 2 (OpenAI) has no model',
			advice: /Choose a model/,
		},
		{
			what: 'a model whose name is a book',
			parameters: order(claude(), step('openAi', 'x'.repeat(501))),
			message: 'Step 2 (OpenAI) has a model ID of 501 characters',
			advice: /expression/,
		},
		{
			what: 'an unknown confidence',
			parameters: { confidence: '={{ "sure" }}' },
			message: 'Who May Answer must be one of any, high, review, not "sure"',
			advice: /expression/,
		},
		{
			what: 'a schema that is not JSON',
			parameters: { outputFormat: 'jsonSchema', jsonSchema: '={{ "{type: 1" }}' },
			message: 'The JSON schema is not valid JSON',
			advice: /Correct the JSON/,
		},
		{
			what: 'a schema that is a list',
			parameters: { outputFormat: 'jsonSchema', jsonSchema: '[]' },
			message: 'The JSON schema is not a JSON object',
			advice: /Enter a schema/,
		},
		{
			what: 'a schema that is no schema',
			parameters: { outputFormat: 'jsonSchema', jsonSchema: '{"type": "strin"}' },
			message: 'The JSON schema is not a valid schema',
			advice: /type/,
		},
		{
			what: 'no attempt',
			parameters: order(claude({ maxAttempts: 0 })),
			message: 'Step 1 (Anthropic): Attempts must be a whole number from 1 to 20, not "0"',
			advice: /range/,
		},
		{
			what: 'half an attempt',
			parameters: order(claude(), gpt({ maxAttempts: 1.5 })),
			message: 'Step 2 (OpenAI): Attempts must be a whole number from 1 to 20, not "1.5"',
			advice: /range/,
		},
		{
			what: 'a negative timeout',
			parameters: order(claude({ timeoutSeconds: -1 })),
			message: 'Step 1 (Anthropic): Timeout (Seconds) must be a number from 0.1 to 3600, not "-1"',
			advice: /range/,
		},
		{
			what: 'an absurd temperature',
			parameters: order(claude({ temperature: 7 })),
			message: 'Step 1 (Anthropic): Temperature must be a number from 0 to 2, not "7"',
			advice: /range/,
		},
		{
			what: 'a negative output limit',
			parameters: order(claude({ maxOutputTokens: -5 })),
			message: 'Step 1 (Anthropic): Maximum Output Tokens must be a whole number from 1 to 1000000, not "-5"',
			advice: /range/,
		},
		{
			what: 'a negative price',
			parameters: order(claude({ inputPrice: -1, outputPrice: 1 })),
			message: 'Step 1 (Anthropic): Input Price must be a number from 0 to 100000, not "-1"',
			advice: /range/,
		},
		{
			what: 'one price of two',
			parameters: order(claude({ inputPrice: 1 })),
			message: 'Step 1 (Anthropic) has only one of its two prices',
			advice: /both/,
		},
		{
			what: 'a number that is a word',
			parameters: order(claude({ contextWindow: 'big' })),
			message: 'Step 1 (Anthropic): Context Window (Tokens) must be a whole number from 1 to 100000000, not "big"',
			advice: /range/,
		},
		{
			what: 'an absurd deadline',
			parameters: { options: { deadlineSeconds: -300 } },
			message: 'Deadline (Seconds) must be a number from 0.1 to 86400, not "-300"',
			advice: /range/,
		},
		{
			what: 'an absurd concurrency',
			parameters: { options: { concurrency: 100_000 } },
			message: 'Concurrency must be a whole number from 1 to 100, not "100000"',
			advice: /range/,
		},
		{
			what: 'a base delay above the longest',
			parameters: { options: { retryBaseDelayMs: 60_000 } },
			message: 'Retry Base Delay (60000 ms) is longer than Retry Max Delay (30000 ms)',
			advice: /Raise/,
		},
		{
			what: 'a missing binary field',
			parameters: { binaryFields: 'data, scan' },
			items: items({ data: file('image/png') }),
			message: 'The item has no binary field "scan"',
			advice: /It has: data/,
		},
		{
			what: 'no binary data at all',
			parameters: { binaryFields: 'data' },
			message: 'The item has no binary field "data"',
			advice: /no binary data/,
		},
		{
			what: 'a file no model reads',
			parameters: { binaryFields: 'data' },
			items: items({ data: file('application/zip') }),
			message: 'The binary field "data" is application/zip, which no model can read here',
			advice: /PNG/,
		},
		{
			what: 'a PDF for Ollama',
			parameters: { binaryFields: 'data', ...order(claude(), step('ollama', 'llama3.2')) },
			items: items({ data: file('application/pdf') }),
			message: 'Step 2 (Ollama) cannot read the binary field "data" (application/pdf)',
			advice: /Take that step out/,
		},
	])('$what', async ({ parameters, items, message, advice }) => {
		const { error, success } = await generate(suite.vendors, { parameters, ...(items !== undefined && { items }) });

		expect(error?.message).toBe(`${message} [item 0]`);
		expect(error?.description).toMatch(advice);
		expect(success).toEqual([]);
		expect(suite.vendors.calls).toEqual([]);
	});

	it.each([
		{
			what: 'an address that is none',
			credential: { apiKey: 'k', baseUrl: 'api.anthropic.com' },
			message: /^Step 1 \(Anthropic\) has a base URL that is not an http\(s\) address \[item 0\]$/,
		},
		{
			what: 'another scheme',
			credential: { apiKey: 'k', baseUrl: 'file:///etc/passwd' },
			message: /has a base URL that is not an http\(s\) address/,
		},
		{
			what: 'no key',
			credential: { apiKey: '', baseUrl: 'https://api.anthropic.com' },
			message: /^Step 1 \(Anthropic\) has no API key/,
		},
		{
			what: 'a domain that the credential forbids',
			credential: {
				apiKey: 'k',
				baseUrl: 'https://evil.example',
				allowedHttpRequestDomains: 'domains',
				allowedDomains: 'api.anthropic.com',
			},
			message: /^Step 1 \(Anthropic\) may not call its base URL: Domain not allowed/,
		},
	])('a credential with $what', async ({ credential, message }) => {
		const credentials = { ...credentialsFor(suite.vendors.baseUrl), resilientLlmAnthropicApi: credential };
		const { error } = await generate(suite.vendors, { credentials });

		expect(error?.message).toMatch(message);
		expect(error?.description).toMatch(/"Resilient LLM Anthropic" credential/);
		expect(suite.vendors.calls).toEqual([]);
	});

	it('a model of another vendor, left over from a change of provider', async () => {
		const credentials = {
			...credentialsFor(suite.vendors.baseUrl),
			resilientLlmOpenAiApi: { apiKey: 'k', baseUrl: 'https://api.openai.com/v1' },
		};
		const { error } = await generate(suite.vendors, {
			parameters: order(step('openAi', 'claude-haiku-5-5')),
			credentials,
		});

		expect(error?.message).toBe('Step 1 (OpenAI) asks for claude-haiku-5-5, which is a model of Anthropic [item 0]');
		expect(error?.description).toBe('Choose a model of OpenAI in that step, or set its provider to Anthropic.');
	});

	it('a step without its credential', async () => {
		const workflow = resilientWorkflow(
			{ prompt: 'Hello' },
			{ credentials: { resilientLlmAnthropicApi: { id: '1', name: 'one' } } },
		);
		const { run } = await runWorkflow(workflow, {
			items: [{ json: {} }],
			credentials: credentialsFor(suite.vendors.baseUrl),
		});

		expect(run.data.resultData.error?.message).toBe('Step 2 (OpenAI) has no credential [item 0]');
		expect(run.data.resultData.error?.description).toContain('Choose or create a "Resilient LLM OpenAI" credential');
		expect(suite.vendors.calls).toEqual([]);
	});
});

describe('one bad item among three', () => {
	const three = [{ json: { text: 'first' } }, { json: { text: '' } }, { json: { text: 'third' } }];

	it('stops everything when the user wants to stop on errors: nothing is called', async () => {
		const { error, run } = await generate(suite.vendors, { items: three });

		expect(error?.message).toBe('The prompt is empty [item 1]');
		expect((error as unknown as { context: IDataObject }).context.itemIndex).toBe(1);
		expect(run.data.resultData.lastNodeExecuted).toBe(nodeName);
		expect(suite.vendors.calls).toEqual([]);
	});

	it('comes out in its place with its error when the user wants to continue', async () => {
		const { success, escalate } = await generate(suite.vendors, {
			items: three,
			settings: { onError: 'continueRegularOutput' },
		});

		expect(success.map(({ json, pairedItem }) => [json.output ?? json.error, pairedItem])).toEqual([
			['fine', { item: 0 }],
			['The prompt is empty [item 1]', { item: 1 }],
			['fine', { item: 2 }],
		]);
		expect(escalate).toEqual([]);
	});

	it('goes to the Error output when the user wired one', async () => {
		const { success, escalate, failed } = await generate(suite.vendors, {
			items: three,
			settings: { onError: 'continueErrorOutput' },
		});

		expect(success.map(({ json }) => (json.input as IDataObject).text)).toEqual(['first', 'third']);
		expect(escalate).toEqual([]);
		expect(failed.map(({ json }) => json.error)).toEqual(['The prompt is empty [item 1]']);
	});
});

describe('a file that turns out to be unreadable', () => {
	const unreadable = { mimeType: 'image/png', data: '', id: 'filesystem-v2:gone' };
	const two = [
		{ json: { text: 'slow', files: '' } },
		{ json: { text: 'look', files: 'photo' }, binary: { photo: unreadable } },
	];
	const parameters = { binaryFields: '={{ $json.files }}' };

	it('stops the calls in flight too when the user wants to stop on errors', async () => {
		suite.vendors.decide = () => 'silence';
		const { error } = await generate(suite.vendors, { parameters, items: two });

		expect((error as unknown as { context: IDataObject }).context.itemIndex).toBe(1);
		// The first item's call may not have left yet; if it has, its caller must hang up.
		if (suite.vendors.calls.length > 0) await suite.vendors.abandonment();
	});

	it('takes no other item down when the user wants to continue', async () => {
		const { success } = await generate(suite.vendors, {
			parameters,
			items: two,
			settings: { onError: 'continueRegularOutput' },
		});

		expect(success.map(({ json, pairedItem }) => [json.output, 'error' in json, pairedItem])).toEqual([
			['fine', false, { item: 0 }],
			[undefined, true, { item: 1 }],
		]);
	});
});
