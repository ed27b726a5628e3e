import { createHash } from 'node:crypto';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cachedFolder } from '../../n8n/install/cached-folder.ts';
import { showProgress } from '../../n8n/install/progress.ts';
import { runCommand } from '../../n8n/install/run-command.ts';

const manifest = join(import.meta.dirname, 'package.json');
const lockFile = join(import.meta.dirname, 'package-lock.json');

/** What the bench measures against, installed outside of the checkout. */
export interface Peers {
	readonly folder: string;
	/** By package name. */
	readonly versions: Readonly<Record<string, string>>;
	/** Imports one of them. The caller says what it looks like: nothing of it is in the checkout, its types neither. */
	load<T>(specifier: string): Promise<T>;
}

/** Gets the peers, at the versions of the lock file, once per machine. */
export async function installPeers(): Promise<Peers> {
	const recipe = createHash('sha256')
		.update(await readFile(manifest))
		.update(await readFile(lockFile))
		.digest('hex')
		.slice(0, 12);
	const folder = await cachedFolder(`bench-peers-${recipe}`, installInto);
	const { load } = (await import(pathToFileURL(join(folder, 'load.mjs')).href)) as {
		load: (specifier: string) => Promise<unknown>;
	};
	const { dependencies } = JSON.parse(await readFile(manifest, 'utf8')) as {
		dependencies: Readonly<Record<string, string>>;
	};
	return { folder, versions: dependencies, load: async <T>(specifier: string) => (await load(specifier)) as T };
}

async function installInto(folder: string): Promise<void> {
	await copyFile(manifest, join(folder, 'package.json'));
	await copyFile(lockFile, join(folder, 'package-lock.json'));
	// Most of them have no entry for `require`, so a module beside them has to import them.
	await writeFile(join(folder, 'load.mjs'), 'export const load = async (specifier) => await import(specifier);\n');
	const install = async () =>
		await runCommand('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
	await showProgress('Installing what the bench compares with', install);
}
