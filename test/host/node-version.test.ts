import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { IExecuteFunctions, ILoadOptionsFunctions, ITriggerFunctions } from 'n8n-workflow';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { nodeVersionProblem, oldestNode } from '../../nodes/ResilientLlm/host/node-version';
import { ResilientLlm } from '../../nodes/ResilientLlm/ResilientLlm.node';
import { ResilientLlmReviewTrigger } from '../../nodes/ResilientLlm/ResilientLlmReviewTrigger.node';

const root = join(import.meta.dirname, '..', '..');
const manifestOf = (folder: string) =>
	JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
		engines?: { node?: string };
		dependencies: Record<string, string>;
	};

describe('the oldest Node.js', () => {
	it('is the one that package.json asks for', () => {
		expect(manifestOf(root).engines?.node).toBe(`>=${oldestNode}`);
	});

	it('is new enough for every dependency, and no newer than one of them asks for', () => {
		const asked = Object.keys(manifestOf(root).dependencies).flatMap((name) => {
			const range = manifestOf(join(root, 'node_modules', name)).engines?.node;
			return range === undefined ? [] : [{ name, oldest: range.replace(/^>=\s*/, '') }];
		});
		expect(asked.length).toBeGreaterThan(3);
		for (const { name, oldest } of asked) expect(oldest, name).toMatch(/^\d+(\.\d+)*$/);
		expect(asked.filter(({ oldest }) => !isAtLeast(`${oldestNode}.0`, oldest))).toEqual([]);
		expect(asked.map(({ oldest }) => oldest)).toContain(`${oldestNode}.0`);
	});
});

function isAtLeast(version: string, oldest: string): boolean {
	return version.localeCompare(oldest, 'en', { numeric: true }) >= 0;
}

describe('on a Node.js', () => {
	it.each(['22.19.0', '22.20.1', '24.0.0', '25.1.0', '100.0.0'])('%s nothing is wrong', (version) => {
		expect(nodeVersionProblem(version)).toBeUndefined();
	});

	it.each(['22.18.0', '22.9.0', '22.2.19', '20.20.2', '18.99.0', '2.30.0'])(
		'%s one sentence says what is wrong and what to do',
		(version) => {
			expect(nodeVersionProblem(version)).toBe(
				`Resilient LLM needs Node.js 22.19 or later, but this n8n runs on Node.js ${version}: update Node.js, or use a current Docker image of n8n.`,
			);
		},
	);
});

describe('on Node.js 20', () => {
	const sentence = /^Resilient LLM needs Node\.js 22\.19 or later, but this n8n runs on Node\.js 20\.20\.2: update/;
	const { versions } = process;

	afterEach(() => {
		Object.defineProperty(process, 'versions', { value: versions });
		vi.restoreAllMocks();
		vi.resetModules();
	});

	function runOnNode20(): void {
		Object.defineProperty(process, 'versions', { value: { ...versions, node: '20.20.2' } });
	}

	const getNode = () => ({ name: 'Resilient LLM', type: 'resilientLlm', parameters: {} });
	const items = [{ json: { text: 'a' } }, { json: { text: 'b' } }];
	const execution = (onError: boolean) =>
		({ getNode, continueOnFail: () => onError, getInputData: () => items }) as unknown as IExecuteFunctions;

	it('a run stops with that sentence before anything else', async () => {
		runOnNode20();
		await expect(new ResilientLlm().execute.call(execution(false))).rejects.toThrow(sentence);
	});

	it('a run that continues on errors gives it for each item, and never the input as the answer', async () => {
		runOnNode20();
		const [success, ...others] = await new ResilientLlm().execute.call(execution(true));
		expect(success).toEqual(
			items.map((_, item) => ({ json: { error: expect.stringMatching(sentence) }, pairedItem: { item } })),
		);
		expect(others).toEqual([]);
	});

	it('a review trigger is not published', async () => {
		runOnNode20();
		const context = { getNode, getNodeParameter: () => false } as unknown as ITriggerFunctions;
		await expect(new ResilientLlmReviewTrigger().trigger.call(context)).rejects.toThrow(sentence);
	});

	it('the list of models says so', async () => {
		runOnNode20();
		const context = { getNode, getCurrentNodeParameter: () => undefined } as unknown as ILoadOptionsFunctions;
		await expect(new ResilientLlm().methods.listSearch.searchModels.call(context)).rejects.toThrow(sentence);
	});

	it.each([
		{ on: 'Node.js 20', said: [[expect.stringMatching(sentence)]], arrange: runOnNode20 },
		{ on: 'a newer one', said: [], arrange: () => undefined },
	])('when n8n starts on $on, its log hears $said.length lines', async ({ said, arrange }) => {
		vi.resetModules();
		const { LoggerProxy } = await import('n8n-workflow');
		const log = vi.spyOn(LoggerProxy, 'error').mockImplementation(() => undefined);
		arrange();
		await import('../../nodes/ResilientLlm/ResilientLlm.node');
		expect(log.mock.calls).toEqual(said);
	});
});
