import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { N8nInstance } from '../server/n8n-instance.ts';
import type { SimulatedProviders } from '../simulated-providers/simulated-providers.ts';
import { demoCredentials } from './credentials.ts';
import { storiesFolder } from './stories.ts';

/**
 * Puts the demo credentials and workflows into n8n's database; what is there under the same IDs is set back to how it
 * was.
 */
export async function importDemo(n8n: N8nInstance, providers: SimulatedProviders): Promise<void> {
	const folder = await mkdtemp(join(tmpdir(), 'n8n-nodes-resilient-llm-demo-'));
	try {
		const credentials = join(folder, 'credentials.json');
		await writeFile(credentials, JSON.stringify(demoCredentials(providers)));
		await n8n.command(['import:credentials', `--input=${credentials}`]);
		await n8n.command(['import:workflow', '--separate', `--input=${storiesFolder}`]);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}
