import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importDemo } from '../demo/import-demo.ts';
import { runStory } from '../demo/run-story.ts';
import { testInstance, type TestInstance } from '../server/test-instance.ts';

/** n8n 1 starts on it, our dependencies do not. */
const version = { n8n: '1.123.81', node: '20.20.2' };
const sentence = 'Resilient LLM needs Node.js 22.19 or later, but this n8n runs on Node.js 20.20.2: update Node.js';

describe(`n8n ${version.n8n} on Node ${version.node}`, () => {
	let instance: TestInstance;

	beforeAll(async () => {
		// n8n's own sandbox for expressions does not run on this Node either.
		instance = await testInstance({ N8N_EXPRESSION_ENGINE: 'legacy' }, version);
		await importDemo(instance.n8n, instance.providers);
	});

	afterAll(async () => await instance?.stop());

	test('a run ends in a sentence that says why, and nobody is called', async () => {
		await expect(runStory(instance.n8n, 'resilientLlmDemo1')).rejects.toThrow(sentence);
		expect(instance.providers.journal).toEqual([]);
	});

	test('n8n starts, and its log says so', async () => {
		const before = (await readFile(instance.n8n.logFile, 'utf8')).length;
		await instance.n8n.start();
		expect((await readFile(instance.n8n.logFile, 'utf8')).slice(before)).toContain(sentence);
	});
});
