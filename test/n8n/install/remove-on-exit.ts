import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';

const leftovers = new Set<string>();

process.on('exit', () => {
	for (const path of leftovers) removeNow(path);
});

/** Removes `path` when this process ends before the returned function did. */
export function removeOnExit(path: string): () => Promise<void> {
	leftovers.add(path);
	return async () => {
		await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
		leftovers.delete(path);
	};
}

/** Lets `path` stay. */
export function keep(path: string): void {
	leftovers.delete(path);
}

function removeNow(path: string): void {
	try {
		// A process that was killed a moment ago may still be writing its last file.
		rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
	} catch {
		process.stderr.write(`Could not remove ${path}\n`);
	}
}
