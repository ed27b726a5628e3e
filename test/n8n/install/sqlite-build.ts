import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedFolder } from './cached-folder.ts';
import { showProgress } from './progress.ts';
import { runCommand } from './run-command.ts';

const program = 'node_sqlite3.node';

/**
 * Gives the n8n in `folder` its database driver. The driver's own script takes a prebuilt program where it can be
 * downloaded and compiles otherwise, which takes a minute; versions of n8n with the same driver share what came out. It
 * fits every Node.
 */
export async function buildSqlite(folder: string, logFile: string): Promise<void> {
	const driver = join(folder, 'node_modules', 'sqlite3');
	const { version } = JSON.parse(await readFile(join(driver, 'package.json'), 'utf8')) as { version: string };
	const releases = join(driver, 'build', 'Release');
	const built = await cachedFolder(`sqlite3-${version}-${process.platform}-${process.arch}`, async (target) => {
		await showProgress(`Building SQLite ${version} for n8n`, async () => await compile(driver, logFile));
		await copyFile(join(releases, program), join(target, program));
	});
	await mkdir(releases, { recursive: true });
	await copyFile(join(built, program), join(releases, program));
}

async function compile(driver: string, logFile: string): Promise<void> {
	try {
		await runCommand('npm', ['run', 'install'], { cwd: driver, logFile });
	} catch (error) {
		throw new Error(
			'SQLite could be neither downloaded nor compiled. Compiling needs python3, make and g++ (Debian: apt-get install python3 make g++).',
			{ cause: error },
		);
	}
}
