import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from './browser/chromium.ts';
import { Editor } from './browser/editor.ts';
import { screenshot } from './browser/screenshots.ts';
import { testInstance, type TestInstance } from './server/test-instance.ts';

/** By name, and by words of people who do not know it. */
const searches = [
	{
		node: 'Resilient LLM Review Trigger',
		type: 'n8n-nodes-resilient-llm.resilientLlmReviewTrigger',
		confirm: 'Add to workflow',
		words: ['Resilient LLM Review Trigger', 'human', 'approval', 'review', 'decision'],
	},
	{
		node: 'Resilient LLM',
		type: 'n8n-nodes-resilient-llm.resilientLlm',
		confirm: 'Generate a completion',
		words: ['Resilient LLM', 'ChatGPT', 'Claude', 'fallback', 'retry'],
	},
];

describe("a user looks for a node in n8n's node panel", () => {
	let instance: TestInstance;
	let browser: Browser;
	let editor: Editor;

	beforeAll(async () => {
		instance = await testInstance();
		await instance.n8n.start();
		browser = await launchChromium();
		editor = new Editor(await browser.newPage({ viewport: { width: 1440, height: 900 } }), instance.n8n.url);
		await editor.logIn();
	});

	afterAll(async () => {
		await browser?.close();
		await instance?.stop();
	});

	describe.each(searches)('$node', ({ node, type, confirm, words }) => {
		// Each word on the canvas that the one before left behind, the first of them on an empty one.
		beforeAll(async () => await editor.emptyWorkflow());

		test.each(words)('is found by "%s" and added from there', async (word) => {
			const before = await editor.countNodes(type);
			await editor.searchNodePanel(word);
			await expect.poll(() => editor.offeredNodes(), { timeout: 20_000, interval: 300 }).toContain(node);
			await screenshot(editor.page, `search-${word}`);
			await editor.addFoundNode(node, confirm);
			expect(await editor.countNodes(type)).toBe(before + 1);
		});
	});
});
