import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchChromium } from './browser/chromium.ts';
import { Editor } from './browser/editor.ts';
import type { NodePanel } from './browser/node-panel.ts';
import { screenshot } from './browser/screenshots.ts';
import { importDemo } from './demo/import-demo.ts';
import { testInstance, type TestInstance } from './server/test-instance.ts';
import { wrongKey } from './simulated-providers/simulated-providers.ts';

/** The browser shows things when it gets to them; on a busy machine that takes a while. */
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 60_000, interval: 300 });

const wide = { width: 1440, height: 900 };
/** All parameters at once. */
const tall = { width: 1440, height: 1440 };

// One user's way from an empty canvas to an outage; every step stands on the one before.
describe('a user in a real n8n', () => {
	let instance: TestInstance;
	let browser: Browser;
	let editor: Editor;
	let node: NodePanel;
	let failed = false;

	beforeAll(async () => {
		instance = await testInstance();
		await instance.n8n.start();
		browser = await launchChromium();
		editor = new Editor(await browser.newPage({ viewport: wide }), instance.n8n.url);
		await editor.logIn();
	});

	beforeEach((context) => {
		context.skip(failed, 'the step before failed');
		context.onTestFailed(async () => {
			failed = true;
			await screenshot(editor.page, 'failed');
		});
	});

	afterAll(async () => {
		await browser?.close();
		await instance?.stop();
	});

	test('finds the node in the node panel and adds it', async () => {
		await editor.newWorkflow();
		expect(await editor.searchNodes('Resilient LLM')).toContain('Resilient LLM');
		node = await editor.addNode('Resilient LLM', 'Generate a completion');
		await eventually(() => node.models()).toEqual(['claude-haiku-5-5', 'gpt-6-luna', 'gemini-3.5-flash-lite']);
		await node.fill('prompt', 'Which team is this for? "I was charged twice for the same invoice."');
	});

	test('creates credentials and sees their tests', async () => {
		const { providers } = instance;
		await node.newCredential('Resilient LLM Anthropic', { apiKey: wrongKey, baseUrl: providers.baseUrl('anthropic') });
		expect(await node.saveRefusedCredential()).toContain('connect with these settings');
		await node.fillCredential({ apiKey: 'a-key' });
		await node.saveCredential();
		expect(await node.savedCredentialTest()).toContain('Connection tested successfully');

		await node.newCredential('Resilient LLM OpenAI', { apiKey: 'a-key', baseUrl: providers.baseUrl('openai') });
		await node.saveCredential();
		await node.newCredential('Resilient LLM Google Gemini', { apiKey: 'a-key', baseUrl: providers.baseUrl('gemini') });
		await node.saveCredential();
	});

	test('keeps the models of the provider order while credentials are added', async () => {
		// n8n asks for every list again when a credential changes, and empties what it does not find there.
		await editor.page.waitForTimeout(5_000);
		expect(await node.models()).toEqual([
			expect.stringContaining('claude-haiku-5-5'),
			expect.stringContaining('gpt-6-luna'),
			expect.stringContaining('gemini-3.5-flash-lite'),
		]);
	});

	test('picks a model from the searchable list', async () => {
		const offered = await node.searchModels(0, 'sonnet');
		expect(offered.join()).toContain('claude-sonnet-5-5');
		expect(offered.join()).not.toContain('claude-opus-5-5');
		await node.pickModel('claude-sonnet-5-5');
		await eventually(() => node.models()).toEqual([
			expect.stringContaining('claude-sonnet-5-5'),
			expect.stringContaining('gpt-6-luna'),
			expect.stringContaining('gemini-3.5-flash-lite'),
		]);
	});

	test('drags the second provider above the first, and it answers', async () => {
		await node.dragEntry(1, 0);
		await eventually(() => node.providers()).toEqual(['OpenAI', 'Anthropic', 'Google Gemini']);
		await eventually(() => node.models()).toEqual([
			expect.stringContaining('gpt-6-luna'),
			expect.stringContaining('claude-sonnet-5-5'),
			expect.stringContaining('gemini-3.5-flash-lite'),
		]);
		await editor.page.setViewportSize(tall);
		await screenshot(editor.page, 'parameters');
		await editor.page.setViewportSize(wide);

		await node.execute();
		await eventually(() => node.firstItem('Success')).toMatchObject({
			provider: 'openAi',
			model: 'gpt-6-luna',
			tier: '1',
			degraded: 'false',
		});
		expect(await node.firstItem('Escalate')).toBeUndefined();
	});

	test('sees the next provider answer when the first is down', async () => {
		instance.providers.setFate('openai', 'overloaded');
		await node.execute();
		await eventually(() => node.firstItem('Success')).toMatchObject({
			provider: 'anthropic',
			model: 'claude-sonnet-5-5',
			tier: '2',
			degraded: 'true',
		});
		await node.show('Schema');
		await screenshot(editor.page, 'success');
	});

	test('sees the task on Escalate when all are down', async () => {
		for (const vendor of ['openai', 'anthropic', 'gemini'] as const) instance.providers.setFate(vendor, 'overloaded');
		await node.execute();
		await eventually(() => node.firstItem('Escalate')).toMatchObject({
			status: 'pending_human_review',
			tier: '3',
			reasonCode: 'all_models_failed',
		});
		expect(await node.firstItem('Success')).toBeUndefined();
		await node.firstItem('Escalate');
		await node.show('Schema');
		await screenshot(editor.page, 'escalate');
		await node.close();
	});

	test('sees the demo come out on the right output on the canvas', async () => {
		await importDemo(instance.n8n, instance.providers);
		await editor.openWorkflow('resilientLlmDemo2');
		await editor.executeWorkflow();
		await eventually(() => editor.nodesThatSucceeded()).toBe(5);
		await editor.zoomToFit();
		await screenshot(editor.page, 'canvas');
	});
});
