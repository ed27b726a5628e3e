import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where n8n keeps its own files. The same in every context; `getStoragePath()` is missing while a webhook runs. */
export function n8nFolder(): string {
	return join(process.env.N8N_USER_FOLDER ?? homedir(), '.n8n');
}
