import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newestN8n, type N8nVersion } from '../install/n8n-versions.ts';
import { removeOnExit } from '../install/remove-on-exit.ts';
import { N8nInstance, type Environment } from './n8n-instance.ts';
import { SimulatedProviders } from '../simulated-providers/simulated-providers.ts';

export interface TestInstance {
	readonly n8n: N8nInstance;
	readonly providers: SimulatedProviders;
	stop(): Promise<void>;
}

/** An n8n with a folder of its own and vendors of its own, both gone after `stop`. Starts no server yet. */
export async function testInstance(
	environment: Environment = {},
	version: N8nVersion = newestN8n,
): Promise<TestInstance> {
	const userFolder = await mkdtemp(join(tmpdir(), 'n8n-nodes-resilient-llm-'));
	const removeUserFolder = removeOnExit(userFolder);
	const providers = await SimulatedProviders.start();
	const n8n = await N8nInstance.prepare({ userFolder, environment, version });
	return {
		n8n,
		providers,
		stop: async () => {
			await n8n.stop();
			await providers.stop();
			await removeUserFolder();
		},
	};
}
