import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { importDemo } from './demo/import-demo.ts';
import { runStory } from './demo/run-story.ts';
import { RecordingProxy } from './server/recording-proxy.ts';
import { testInstance, type TestInstance } from './server/test-instance.ts';

const allWell = 'resilientLlmDemo1';
const everyFallback = 'resilientLlmDemo4';

describe("n8n's network rules", () => {
	let instance: TestInstance;
	let proxy: RecordingProxy;

	beforeAll(async () => {
		instance = await testInstance();
		await importDemo(instance.n8n, instance.providers);
		proxy = await RecordingProxy.start();
	});

	afterEach(() => {
		instance.providers.reset();
		proxy.targets.length = 0;
	});

	afterAll(async () => {
		await proxy?.stop();
		await instance?.stop();
	});

	test('with SSRF protection on, no provider on a private address is called, and a human gets the work', async () => {
		for (const story of [allWell, everyFallback]) {
			const rows = await runStory(instance.n8n, story, { N8N_SSRF_PROTECTION_ENABLED: 'true' });
			expect(rows).toHaveLength(3);
			for (const row of rows) expect(row).toMatchObject({ output: 'Escalate', tier: 3 });
		}
		expect(instance.providers.journal).toEqual([]);
	});

	test('with SSRF protection on, an allowed address is called', async () => {
		const rows = await runStory(instance.n8n, allWell, {
			N8N_SSRF_PROTECTION_ENABLED: 'true',
			N8N_SSRF_ALLOWED_IP_RANGES: '127.0.0.0/8',
		});
		for (const row of rows) expect(row).toMatchObject({ output: 'Success', tier: 1, provider: 'anthropic' });
	});

	test('HTTP_PROXY is used by every provider', async () => {
		const providers = new URL(instance.providers.url).host;
		await runStory(instance.n8n, everyFallback, { HTTP_PROXY: proxy.url });
		const { journal } = instance.providers;
		expect(new Set(journal.map((entry) => entry.vendor))).toEqual(new Set(['anthropic', 'openai', 'gemini', 'ollama']));
		expect(journal.filter((entry) => !proxy.onwardPorts.has(entry.remotePort))).toEqual([]);
		expect(new Set(proxy.targets)).toEqual(new Set([providers]));
	});

	test('NO_PROXY keeps a call away from the proxy', async () => {
		const rows = await runStory(instance.n8n, allWell, { HTTP_PROXY: proxy.url, NO_PROXY: '127.0.0.1' });
		for (const row of rows) expect(row).toMatchObject({ output: 'Success', tier: 1, provider: 'anthropic' });
		expect(proxy.targets).toEqual([]);
	});
});
