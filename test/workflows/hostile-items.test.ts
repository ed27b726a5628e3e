import type { IDataObject } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';

import { generate, useVendors } from './fixture';
import { step } from './resilient-workflow';

const suite = useVendors();

const oneModel = {
	providerOrder: { step: [step('anthropic', 'claude-haiku-5-5', { maxAttempts: 1 })] },
	options: { concurrency: 1 },
};
const three = ['first', 'hostile', 'third'].map((text) => ({ json: { text } }));
const tree = { type: 'object', properties: { child: { $ref: '#' } } };

/** A tree with this many levels, as a model may write it. */
const treeText = (depth: number) => '{"child":'.repeat(depth) + '{}' + '}'.repeat(depth);

function answers(hostile: string, others = '{"child": {}}') {
	suite.vendors.decide = (_vendor, prompt) => ({ answer: prompt === 'hostile' ? hostile : others });
}

describe('one hostile answer costs no other item its own', () => {
	it.each([
		['nested 5,000 levels deep', treeText(5000), tree],
		['nested 500,000 levels deep', '['.repeat(500_000), tree],
		[
			'that takes a pattern for ever',
			JSON.stringify(`${'a'.repeat(40)}!`),
			{ anyOf: [tree, { type: 'string', pattern: '^(\\w+\\s?)*$' }] },
		],
	])('%s', async (_, hostile, schema) => {
		answers(hostile);
		const parameters = { ...oneModel, outputFormat: 'jsonSchema', jsonSchema: JSON.stringify(schema) };
		const { success, escalate, error } = await generate(suite.vendors, { items: three, parameters });

		expect(error).toBeUndefined();
		expect(success.map(({ json, pairedItem }) => [json.output, pairedItem])).toEqual([
			[{ child: {} }, { item: 0 }],
			[{ child: {} }, { item: 2 }],
		]);
		expect(escalate.map(({ json, pairedItem }) => [json.reasonCode, json.draft, pairedItem])).toEqual([
			['invalid_output', hostile, { item: 1 }],
		]);
	});

	it('nor does one that fits, 200 levels deep: n8n can carry it on', async () => {
		answers(treeText(199));
		const parameters = { ...oneModel, outputFormat: 'jsonSchema', jsonSchema: JSON.stringify(tree) };
		const { success } = await generate(suite.vendors, { items: three, parameters });

		expect(success.map(({ json }) => json.tier)).toEqual([1, 1, 1]);
		expect(JSON.stringify(success[1]?.json.output)).toBe(treeText(199));
	});
});

describe('a schema that no check would end with', () => {
	it.each([
		['refers to itself', '{"$ref":"#"}', /leads back to where it stands/],
		['is of a dialect that accepts everything', '{"$async":true,"type":"object"}', /\$async/],
		['is nested 5,000 levels deep', `${'{"not":'.repeat(5000)}{}${'}'.repeat(5000)}`, /more than 200 levels deep/],
	])('is refused before any call when it %s', async (_, jsonSchema, advice) => {
		const parameters = { ...oneModel, outputFormat: 'jsonSchema', jsonSchema };
		const { error } = await generate(suite.vendors, { parameters });

		expect(error?.message).toBe('The JSON schema is not a valid schema [item 0]');
		expect(error?.description).toMatch(advice);
		expect(suite.vendors.calls).toEqual([]);
	});
});

describe('a schema with a slip of the pen', () => {
	it('is used, with a hint that names the slip', async () => {
		answers('', '{}');
		const parameters = { ...oneModel, outputFormat: 'jsonSchema', jsonSchema: '{"type":"object","requried":["a"]}' };
		const { success, hints } = await generate(suite.vendors, { parameters });

		expect(success).toHaveLength(1);
		expect(hints('Resilient LLM').map(({ message }) => message)).toEqual([
			'The JSON schema has keywords that are unknown and check nothing: "requried" (is "required" meant?).',
		]);
	});
});

describe('trouble with one item, when the execution is to stop on errors', () => {
	const unreadable = { mimeType: 'image/png', data: '', id: 'filesystem-v2:gone' };
	const items = [
		{ json: { text: 'first', files: '' } },
		{ json: { text: 'look', files: 'photo' }, binary: { photo: unreadable } },
		{ json: { text: 'third', files: '' } },
	];
	const parameters = { ...oneModel, binaryFields: '={{ $json.files }}' };

	it('makes a task for a human of it once there are answers that would be lost', async () => {
		const { success, escalate, error } = await generate(suite.vendors, { items, parameters });

		expect(error).toBeUndefined();
		expect(success.map(({ json, pairedItem }) => [json.output, pairedItem])).toEqual([
			['fine', { item: 0 }],
			['fine', { item: 2 }],
		]);
		expect(escalate).toHaveLength(1);
		const { reasonCode, reason, attempts, context } = escalate[0]!.json as IDataObject;
		expect(reasonCode).toBe('no_provider_available');
		expect(reason).toMatch(
			/^No provider could be tried: The binary field "photo" cannot be read: .+ Check the node before/,
		);
		expect([attempts, context]).toEqual([[], items[1]!.json]);
	});

	it('keeps that task in the store, with a review', async () => {
		const reviewPageUrl = 'https://n8n.example/webhook/review';
		const { escalate } = await generate(suite.vendors, {
			items,
			parameters: { ...parameters, options: { concurrency: 1, reviewPageUrl } },
		});

		expect(escalate[0]?.json.reviewUrl).toMatch(/^https:\/\/n8n\.example\/webhook\/review\?token=\w/);
	});

	it('stops it while nothing is lost by that', async () => {
		const { error, success } = await generate(suite.vendors, { items: [items[1]!, items[0]!], parameters });

		expect(error?.message).toMatch(/^The binary field "photo" cannot be read: .+ \[item 0\]$/);
		expect([success, suite.vendors.calls]).toEqual([[], []]);
	});

	it('stops it where the next execution gets the answers from the store', async () => {
		const once = { ...parameters, preventDuplicates: true, taskId: `={{ $json.text }}-${Math.random()}` };
		const { error } = await generate(suite.vendors, { items, parameters: once });
		expect(error?.message).toMatch(/^The binary field "photo" cannot be read/);

		const { success } = await generate(suite.vendors, { items: [items[0]!], parameters: once });
		expect(success[0]?.json).toMatchObject({ output: 'fine', replayed: true, costUsd: 0 });
		expect(suite.vendors.calls).toHaveLength(1);
	});

	it('makes a task for a human of one, too, that must run only once and cannot be told from another', async () => {
		const id = `task-${Math.random()}`;
		const mixed = { ...oneModel, preventDuplicates: '={{ $json.once }}', taskId: '={{ $json.id }}' };
		const before = { json: { text: 'before', once: true, id } };
		await generate(suite.vendors, { items: [before], parameters: mixed });
		const { success, escalate, error } = await generate(suite.vendors, {
			items: [{ json: { text: 'first', once: false, id: '' } }, { json: { text: 'another', once: true, id } }],
			parameters: mixed,
		});

		expect(error).toBeUndefined();
		expect(success.map(({ json }) => json.output)).toEqual(['fine']);
		expect(escalate.map(({ json }) => json.reason)).toEqual([
			expect.stringMatching(/^No provider could be tried: The task ID "task-.+" was used before with another input/),
		]);
	});
});
