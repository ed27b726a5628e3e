import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importDemo } from './demo/import-demo.ts';
import { runStory } from './demo/run-story.ts';
import { stories } from './demo/stories.ts';
import type { StoryRow } from './demo/story-row.ts';
import { showProgress } from './install/progress.ts';
import { removeOnExit } from './install/remove-on-exit.ts';
import { N8nInstance } from './server/n8n-instance.ts';
import { SimulatedProviders } from './simulated-providers/simulated-providers.ts';

/** Runs every demo workflow once in a real n8n of its own, and hands over what came out of each. */
export async function runDemo(onStory: (name: string, rows: readonly StoryRow[]) => void): Promise<void> {
	const userFolder = await mkdtemp(join(tmpdir(), 'n8n-nodes-resilient-llm-'));
	const removeUserFolder = removeOnExit(userFolder);
	const providers = await SimulatedProviders.start();
	try {
		const n8n = await N8nInstance.prepare({ userFolder });
		await showProgress('Setting up n8n', () => importDemo(n8n, providers));
		for (const story of stories()) onStory(story.name, await runStory(n8n, story.id));
	} finally {
		await providers.stop();
		await removeUserFolder();
	}
}
