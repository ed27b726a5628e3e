import { homedir } from 'node:os';
import { join } from 'node:path';

/** What takes minutes to get lives here, outside the checkout, once per machine. */
export function cacheFolder(): string {
	const base =
		process.env['N8N_NODES_RESILIENT_LLM_CACHE'] || process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
	return join(base, 'n8n-nodes-resilient-llm');
}
