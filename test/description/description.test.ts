import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import type { ICredentialType, INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';

import { ResilientLlmAnthropicApi } from '../../credentials/ResilientLlmAnthropicApi.credentials';
import { ResilientLlmGeminiApi } from '../../credentials/ResilientLlmGeminiApi.credentials';
import { ResilientLlmOllamaApi } from '../../credentials/ResilientLlmOllamaApi.credentials';
import { ResilientLlmOpenAiApi } from '../../credentials/ResilientLlmOpenAiApi.credentials';
import { ResilientLlmOpenAiCompatibleApi } from '../../credentials/ResilientLlmOpenAiCompatibleApi.credentials';
import { readGenerateParameters } from '../../nodes/ResilientLlm/actions/generate/generate-parameters';
import { reasoningEfforts } from '../../nodes/ResilientLlm/engine/request';
import { credentialLabelOf, providerIds, vendors } from '../../nodes/ResilientLlm/providers/vendors';
import { generateProperties } from '../../nodes/ResilientLlm/description/generate';
import { ResilientLlm } from '../../nodes/ResilientLlm/ResilientLlm.node';

const { description } = new ResilientLlm();
const property = (name: string) => description.properties.find((candidate) => candidate.name === name)!;
const stepFields = (property('providerOrder').options as INodePropertyCollection[])[0]!.values;
const stepField = (name: string) => stepFields.find((candidate) => candidate.name === name)!;
const valuesOf = ({ options }: INodeProperties) => (options as INodePropertyOptions[]).map(({ value }) => value);

const credentials: Readonly<Record<string, ICredentialType>> = {
	anthropic: new ResilientLlmAnthropicApi(),
	gemini: new ResilientLlmGeminiApi(),
	ollama: new ResilientLlmOllamaApi(),
	openAi: new ResilientLlmOpenAiApi(),
	openAiCompatible: new ResilientLlmOpenAiCompatibleApi(),
};

describe('the contract', () => {
	it('names the parameters in screen order', () => {
		expect(generateProperties.map(({ name }) => name)).toEqual([
			'operation',
			'prompt',
			'systemMessage',
			'providerOrder',
			'credentials',
			'confidence',
			'outputFormat',
			'jsonSchema',
			'binaryFields',
			'taskId',
			'taskStore',
			'preventDuplicates',
			'options',
		]);
		expect(stepFields.map(({ name }) => name).sort()).toEqual([
			'contextWindow',
			'inputPrice',
			'maxAttempts',
			'maxOutputTokens',
			'model',
			'outputPrice',
			'provider',
			'reasoningEffort',
			'temperature',
			'timeoutSeconds',
		]);
	});

	it('sets the same defaults in the form and where parameters are read', () => {
		const defaults: Record<string, unknown> = Object.fromEntries(
			description.properties.map((each) => [each.name, each.default]),
		);
		const order = property('providerOrder').default as { step: unknown[] };
		const unset = { ...defaults, prompt: 'x', 'providerOrder.step': order.step };
		const filledIn = (fields: readonly INodeProperties[]) =>
			Object.fromEntries(fields.map((each) => [each.name, each.default]));
		const set = {
			...unset,
			options: filledIn(property('options').options as INodeProperties[]),
			'providerOrder.step': order.step.map((step) => ({ ...filledIn(stepFields), ...(step as object) })),
		};
		const read = (values: Record<string, unknown>) => readGenerateParameters((name) => values[name]);

		expect(read(set)).toEqual(read(unset));
		expect(read(unset)).toMatchObject({
			confidence: 'any',
			deadlineMs: 300_000,
			concurrency: 5,
			includeInput: true,
			rules: { onTruncated: 'failover', onBlocked: 'failover', onInvalidRequest: 'failover' },
			retryPolicy: { baseDelayMs: 1000, maxDelayMs: 30_000 },
		});
		expect(read(unset).steps).toEqual([
			{
				name: 'Step 1 (Anthropic)',
				provider: 'anthropic',
				settings: { model: 'claude-haiku-5-5', maxOutputTokens: 1024 },
				maxAttempts: 3,
				attemptTimeoutMs: 45_000,
			},
			{
				name: 'Step 2 (OpenAI)',
				provider: 'openAi',
				settings: { model: 'gpt-6-luna', maxOutputTokens: 1024 },
				maxAttempts: 3,
				attemptTimeoutMs: 45_000,
			},
			{
				name: 'Step 3 (Google Gemini)',
				provider: 'gemini',
				settings: { model: 'gemini-3.5-flash-lite', maxOutputTokens: 1024 },
				maxAttempts: 3,
				attemptTimeoutMs: 45_000,
			},
		]);
	});

	it('offers the providers and efforts that there are', () => {
		expect(valuesOf(stepField('provider'))).toEqual([...providerIds]);
		expect((stepField('provider').options as INodePropertyOptions[]).map(({ name }) => name)).toEqual(
			providerIds.map((id) => vendors[id].label),
		);
		expect(valuesOf(stepField('reasoningEffort')).sort()).toEqual(['', ...reasoningEfforts].sort());
	});

	it('shows the order below the node', () => {
		const expression = description.subtitle!.slice('={{'.length, -'}}'.length);
		const subtitle = new Function('$parameter', `return (${expression})`) as (parameters: unknown) => string;
		expect(subtitle({ providerOrder: property('providerOrder').default })).toBe('Anthropic → OpenAI → Gemini');
		expect(subtitle({ providerOrder: {} })).toBe('');
		expect(subtitle({ providerOrder: { step: [{ provider: '={{ $json.p }}' }] } })).toBe('…');
	});
});

describe.each(providerIds)('the credential of %s', (provider) => {
	const credential = credentials[provider]!;

	it('is the one the node declares and its messages name', () => {
		expect(description.credentials).toContainEqual({
			name: credential.name,
			displayName: vendors[provider].label,
			displayOptions: { show: { resource: ['completion'] } },
		});
		expect(vendors[provider].credentialType).toBe(credential.name);
		expect(`${credentialLabelOf(provider)} API`).toBe(credential.displayName);
	});

	it('points where its adapter would', () => {
		const baseUrl = credential.properties.find(({ name }) => name === 'baseUrl');
		expect(baseUrl?.default).toBe(provider === 'openAiCompatible' ? '' : vendors[provider].baseUrl);
	});

	it('hides its key, has a test and both icons', () => {
		expect(credential.properties.find(({ name }) => name === 'apiKey')?.typeOptions).toEqual({ password: true });
		expect(credential.test).toBeDefined();
		for (const icon of Object.values(credential.icon as { light: string; dark: string })) {
			expect(existsSync(resolve(import.meta.dirname, '../../credentials', icon.replace('file:', '')))).toBe(true);
		}
	});

	it('sends no authorization where there is no key', async () => {
		if (typeof credential.authenticate !== 'function') return;
		const withKey = await credential.authenticate(
			{ apiKey: 'k', organization: '' },
			{ url: 'https://x', headers: { accept: 'json' } },
		);
		expect(withKey.headers).toEqual({ accept: 'json', Authorization: 'Bearer k' });
		if (provider === 'openAi') return;
		expect((await credential.authenticate({ apiKey: '' }, { url: 'https://x' })).headers).toBeUndefined();
	});
});

it('is registered with everything it is made of', () => {
	const root = resolve(import.meta.dirname, '../..');
	const { n8n } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as {
		n8n: { nodes: string[]; credentials: string[] };
	};
	for (const file of [...n8n.nodes, ...n8n.credentials]) expect(existsSync(resolve(root, file))).toBe(true);
	// One per provider, and one each for Redis and PostgreSQL.
	expect(n8n.credentials).toHaveLength(providerIds.length + 2);
	const folder = dirname(resolve(root, n8n.nodes[0]!));
	for (const file of ['ResilientLlm.node.json', 'resilientLlm.svg', 'resilientLlm.dark.svg'])
		expect(existsSync(resolve(folder, file))).toBe(true);
});

describe("n8n's node panel", () => {
	const root = resolve(import.meta.dirname, '../..');
	const { n8n } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as { n8n: { nodes: string[] } };
	const codexFiles = n8n.nodes.map((node) => node.replace(/^dist\//, '').replace(/\.js$/, '.json'));

	// It leaves out a node of the category AI that is under none of AI's headings.
	it.each(codexFiles)('shows the node of %s, and finds it by words', (file) => {
		const codex = JSON.parse(readFileSync(resolve(root, file), 'utf8')) as {
			categories: string[];
			subcategories: Record<string, string[]>;
			alias: string[];
		};
		expect(codex.categories).toContain('AI');
		expect(codex.subcategories['AI']).toContain('Root Nodes');
		expect(codex.alias.length).toBeGreaterThanOrEqual(3);
	});
});
