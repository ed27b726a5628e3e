import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { copyFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder.ts';
import { cachedFolder } from './cached-folder.ts';
import type { N8nVersion } from './n8n-versions.ts';
import { installNode } from './node-install.ts';
import { showProgress } from './progress.ts';
import { runCommand } from './run-command.ts';
import { buildSqlite } from './sqlite-build.ts';

/** A real n8n on this machine. */
export interface N8nProgram {
	/** What its Node runs. */
	readonly script: string;
	/** The folder with the program `node`. */
	readonly nodeFolder: string;
}

/** Gets n8n from its lock file when this machine does not have it yet: some minutes and about 2 GB. */
export async function installN8n({ n8n, node }: N8nVersion): Promise<N8nProgram> {
	const nodeFolder = await installNode(node);
	const name = `n8n-${n8n}-${await recipe(n8n)}`;
	const folder = await cachedFolder(
		name,
		async (target) => await install(n8n, target, join(cacheFolder(), `${name}.log`)),
	);
	return { script: join(folder, 'node_modules', 'n8n', 'bin', 'n8n'), nodeFolder };
}

function manifestOf(version: string): string {
	return join(import.meta.dirname, `n8n-${version}`, 'package.json');
}

function lockFileOf(version: string): string {
	return join(import.meta.dirname, `n8n-${version}`, 'package-lock.json');
}

/** Changes whenever an installed n8n would come out differently. */
async function recipe(version: string): Promise<string> {
	return createHash('sha256')
		.update(await readFile(manifestOf(version)))
		.update(await readFile(lockFileOf(version)))
		.update(process.versions.node.split('.')[0] ?? '')
		.digest('hex')
		.slice(0, 12);
}

async function install(version: string, folder: string, logFile: string): Promise<void> {
	process.stderr.write(
		`n8n ${version} is not on this machine yet. It takes some minutes and about 2 GB, once, in ${cacheFolder()}\n`,
	);
	try {
		await copyFile(manifestOf(version), join(folder, 'package.json'));
		await copyFile(lockFileOf(version), join(folder, 'package-lock.json'));
		await rm(logFile, { force: true });
		const options = ['--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund'];
		await showProgress(
			`Downloading n8n ${version}`,
			async () => await runCommand('npm', ['install', ...options], { cwd: folder, logFile }),
			() => unpacked(folder),
		);
		await buildSqlite(folder, logFile);
		await checkInstalled(version, folder);
	} catch (error) {
		throw new Error(`n8n ${version} could not be installed; the whole log is in ${logFile}`, { cause: error });
	}
}

async function checkInstalled(version: string, folder: string): Promise<void> {
	await runCommand('node', ['--eval', "require('sqlite3')"], { cwd: folder });
	const manifest = await readFile(join(folder, 'node_modules', 'n8n', 'package.json'), 'utf8');
	const installed = (JSON.parse(manifest) as { version: string }).version;
	if (installed === version) return;
	throw new Error(`npm installed n8n ${installed} instead of ${version}. Does it run on Node 24?`);
}

/** npm makes all folders first and fills them one by one. */
function unpacked(folder: string): string {
	try {
		const modules = join(folder, 'node_modules');
		const names = readdirSync(modules);
		return `${names.filter((name) => readdirSync(join(modules, name)).length > 0).length} of ${names.length} folders`;
	} catch {
		return 'working out what is needed';
	}
}
