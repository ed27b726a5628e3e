import { homedir } from 'node:os';
import { join } from 'node:path';

/** n8n's own folder. Computed here, because n8n's `getStoragePath()` does not exist in the context of a webhook. */
export function n8nFolder(): string {
	return join(process.env.N8N_USER_FOLDER ?? homedir(), '.n8n');
}

const packageName = 'n8n-nodes-resilient-llm';

/**
 * Where the embedded task store is, and where version 0.1.0 kept it: in n8n's folder `storage`. It must not be there:
 * if `binaryData` exists and so does a `storage` that n8n did not create, n8n 3 does not start, nor does n8n 2 with
 * N8N_MIGRATE_FS_STORAGE_PATH.
 */
export function embeddedStorePlaces(folder: string): { readonly file: string; readonly formerFile: string } {
	const file = join(packageName, 'tasks.sqlite');
	return { file: join(folder, file), formerFile: join(folder, 'storage', file) };
}
