import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { cacheFolder } from './cache-folder.ts';
import { withFolderLock } from './folder-lock.ts';
import { showProgress } from './progress.ts';
import { keep, removeOnExit } from './remove-on-exit.ts';
import { runCommand } from './run-command.ts';

const n8nVersion = '2.41.1';
const manifest = join(import.meta.dirname, `n8n-${n8nVersion}`, 'package.json');
const lockFile = join(import.meta.dirname, `n8n-${n8nVersion}`, 'package-lock.json');

/** The folder that holds a real n8n in its `node_modules`. Installs it when this machine does not have it yet. */
export async function installN8n(): Promise<string> {
	const target = join(cacheFolder(), `n8n-${n8nVersion}-${await recipe()}`);
	if (existsSync(target)) return target;
	await withFolderLock(
		`${target}.lock`,
		() => process.stderr.write(`Waiting for another process that installs n8n into ${target}\n`),
		async () => {
			if (!existsSync(target)) await install(target);
		},
	);
	return target;
}

/** Changes whenever an installed n8n would come out differently. */
async function recipe(): Promise<string> {
	return createHash('sha256')
		.update(await readFile(manifest))
		.update(await readFile(lockFile))
		.update(nodeMajor())
		.digest('hex')
		.slice(0, 12);
}

function nodeMajor(): string {
	return process.versions.node.split('.')[0] ?? '';
}

async function install(target: string): Promise<void> {
	await removeUnfinished(target);
	const folder = `${target}.unfinished-${process.pid}`;
	const logFile = `${target}.log`;
	const removeFolder = removeOnExit(folder);
	process.stderr.write(`n8n ${n8nVersion} is not on this machine yet. It takes about 3 minutes and 2.2 GB, once, in ${dirname(target)}\n`);
	try {
		await mkdir(folder, { recursive: true });
		await copyFile(manifest, join(folder, 'package.json'));
		await copyFile(lockFile, join(folder, 'package-lock.json'));
		await rm(logFile, { force: true });
		await showProgress(
			'Downloading n8n',
			() => runCommand('npm', ['install', '--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund'], { cwd: folder, logFile }),
			() => unpacked(folder),
		);
		await showProgress('Building SQLite for n8n', () => buildSqlite(folder, logFile));
		await checkInstalled(folder);
		await rename(folder, target);
		keep(folder);
	} catch (error) {
		await removeFolder();
		throw new Error(`n8n could not be installed; the whole log is in ${logFile}`, { cause: error });
	}
}

/** Nobody else installs while we hold the lock, so any other unfinished folder was left behind. */
async function removeUnfinished(target: string): Promise<void> {
	const folder = dirname(target);
	for (const name of await readdir(folder)) {
		if (name.startsWith(`${basename(target)}.unfinished-`)) await rm(join(folder, name), { recursive: true, force: true });
	}
}

/** n8n's database driver: its own script takes a prebuilt binary where it can be downloaded and compiles otherwise. */
async function buildSqlite(folder: string, logFile: string): Promise<void> {
	try {
		await runCommand('npm', ['run', 'install'], { cwd: join(folder, 'node_modules', 'sqlite3'), logFile });
	} catch (error) {
		throw new Error('SQLite could be neither downloaded nor compiled. Compiling needs python3, make and g++ (Debian: apt-get install python3 make g++).', {
			cause: error,
		});
	}
}

async function checkInstalled(folder: string): Promise<void> {
	await runCommand('node', ['--eval', "require('sqlite3')"], { cwd: folder });
	const { version } = JSON.parse(await readFile(join(folder, 'node_modules', 'n8n', 'package.json'), 'utf8')) as { version: string };
	if (version !== n8nVersion) throw new Error(`npm installed n8n ${version} instead of ${n8nVersion}. Does it run on Node 24?`);
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
