import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where n8n keeps its own files. The same in every context; `getStoragePath()` is missing while a webhook runs. */
export function n8nFolder(): string {
	return join(process.env.N8N_USER_FOLDER ?? homedir(), '.n8n');
}

const packageName = 'n8n-nodes-resilient-llm';

/**
 * Where the embedded task store is, and where version 0.1.0 kept it: below `storage`, which is n8n's own. With a
 * `binaryData` beside a `storage` that it did not make, n8n 3 does not start, nor does n8n 2 with
 * N8N_MIGRATE_FS_STORAGE_PATH.
 */
export function embeddedStorePlaces(folder: string): { readonly file: string; readonly formerFile: string } {
	const file = join(packageName, 'tasks.sqlite');
	return { file: join(folder, file), formerFile: join(folder, 'storage', file) };
}
