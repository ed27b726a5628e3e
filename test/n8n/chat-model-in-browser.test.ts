import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchChromium } from './browser/chromium.ts';
import { Editor } from './browser/editor.ts';
import { NodePanel } from './browser/node-panel.ts';
import { screenshot } from './browser/screenshots.ts';
import { testInstance, type TestInstance } from './server/test-instance.ts';

const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 60_000, interval: 300 });

const langChain = '@n8n/n8n-nodes-langchain.';
const node = (name: string, type: string, typeVersion: number, x: number, parameters: object = {}) => ({
	id: name,
	name,
	type,
	typeVersion,
	position: [x, 0],
	parameters,
});

/** A question to an agent that has no model yet. */
const workflow = {
	id: 'rlChatModelTest',
	name: 'An agent without a model',
	nodes: [
		node('Start', 'n8n-nodes-base.manualTrigger', 1, 0),
		node('AI Agent', `${langChain}agent`, 3, 240, {
			promptType: 'define',
			text: 'Which team is this for?',
			options: {},
		}),
	],
	connections: { Start: { main: [[{ node: 'AI Agent', type: 'main', index: 0 }]] } },
	active: false,
	settings: { executionOrder: 'v1' },
};

// One user's way; every step stands on the one before.
describe('a user who gives an AI Agent the Resilient Chat Model', () => {
	let instance: TestInstance;
	let browser: Browser;
	let editor: Editor;
	let panel: NodePanel;
	let failed = false;

	beforeAll(async () => {
		instance = await testInstance();
		const file = join(await mkdtemp(join(tmpdir(), 'n8n-nodes-resilient-llm-')), 'workflow.json');
		await writeFile(file, JSON.stringify(workflow));
		await instance.n8n.command(['import:workflow', `--input=${file}`]);
		await instance.n8n.start();
		browser = await launchChromium();
		editor = new Editor(await browser.newPage({ viewport: { width: 1440, height: 900 } }), instance.n8n.url);
		await editor.logIn();
		await editor.openWorkflow(workflow.id);
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

	test('finds it behind the plus of the agent’s Chat Model, and adds it', async () => {
		await editor.page.getByTestId('canvas-handle-plus').first().waitFor();
		await screenshot(editor.page, 'chat-model-before');
		await editor.addChatModel('AI Agent', 'Resilient Chat Model');
		panel = await NodePanel.opened(editor.page);
		await eventually(() => panel.models()).toEqual(['claude-haiku-5-5', 'gpt-6-luna', 'gemini-3.5-flash-lite']);
	});

	test('creates the credentials', async () => {
		for (const [label, vendor] of [
			['Resilient LLM Anthropic', 'anthropic'],
			['Resilient LLM OpenAI', 'openai'],
			['Resilient LLM Google Gemini', 'gemini'],
		] as const) {
			await panel.newCredential(label, { apiKey: 'a-key', baseUrl: instance.providers.baseUrl(vendor) });
			await panel.saveCredential();
		}
		await screenshot(editor.page, 'chat-model-parameters');
		await panel.close();
		await editor.connectModel();
	});

	test('sees the agent answer although the first model is overloaded, and in the log who answered after whom', async () => {
		instance.providers.setFate('anthropic', 'overloaded');
		await editor.executeWorkflow();
		await eventually(() => editor.nodesThatSucceeded()).toBeGreaterThanOrEqual(2);
		await editor.zoomToFit();
		await screenshot(editor.page, 'agent-canvas');
		await editor.openLog();
		const answeredBy = /Answered by OpenAI gpt-6-luna after Anthropic claude-haiku-5-5 overloaded \(529\)/;
		await eventually(async () => {
			const text = await editor.logText();
			if (!text.includes('Answered by')) await editor.clickInLog('Resilient Chat Model');
			return text;
		}).toMatch(answeredBy);
		await screenshot(editor.page, 'agent-log');
	});
});
