import pLimit from 'p-limit';
import { installN8n } from './n8n-install.ts';
import { n8nVersions } from './n8n-versions.ts';

/** npm works on one core most of the time. */
const installsAtATime = 2;

/** Gets every n8n before any test's clock runs: minutes each, the first time. */
export async function setup(): Promise<void> {
	const limit = pLimit(installsAtATime);
	await Promise.all(n8nVersions.map(async (version) => await limit(async () => await installN8n(version))));
}
