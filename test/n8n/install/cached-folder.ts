import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { cacheFolder } from './cache-folder.ts';
import { withFolderLock } from './folder-lock.ts';
import { keep, removeOnExit } from './remove-on-exit.ts';

/**
 * A folder of the cache that holds what takes long to get. `fill` gets an empty folder and runs once per machine,
 * however many processes ask; a folder is there whole or not at all.
 */
export async function cachedFolder(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
	const target = join(cacheFolder(), name);
	if (existsSync(target)) return target;
	await withFolderLock(
		`${target}.lock`,
		() => process.stderr.write(`Waiting for another process that makes ${target}\n`),
		async () => {
			if (!existsSync(target)) await make(target, fill);
		},
	);
	return target;
}

async function make(target: string, fill: (folder: string) => Promise<void>): Promise<void> {
	await removeUnfinished(target);
	const folder = `${target}.unfinished-${process.pid}`;
	const removeFolder = removeOnExit(folder);
	try {
		await mkdir(folder, { recursive: true });
		await fill(folder);
		await rename(folder, target);
		keep(folder);
	} catch (error) {
		await removeFolder();
		throw error;
	}
}

/** Nobody else makes this folder while we hold its lock, so an unfinished one was left behind by a killed process. */
async function removeUnfinished(target: string): Promise<void> {
	const folder = dirname(target);
	for (const name of await readdir(folder)) {
		if (!name.startsWith(`${basename(target)}.unfinished-`)) continue;
		await rm(join(folder, name), { recursive: true, force: true });
	}
}
