import { installN8n } from './n8n-install.ts';
import { newestN8n } from './n8n-versions.ts';

/** Gets n8n before any test's clock runs: the first time takes minutes. */
export async function setup(): Promise<void> {
	await installN8n(newestN8n);
}
