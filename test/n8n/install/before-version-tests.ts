import { installN8n } from './n8n-install.ts';
import { n8nVersions } from './n8n-versions.ts';

/** Gets every n8n before any test's clock runs: minutes each, the first time. Two at a time, for npm works on one core. */
export async function setup(): Promise<void> {
	const left = [...n8nVersions];
	await Promise.all([installNext(), installNext()]);

	async function installNext(): Promise<void> {
		for (let version = left.shift(); version !== undefined; version = left.shift()) await installN8n(version);
	}
}
