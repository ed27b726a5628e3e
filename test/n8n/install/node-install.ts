import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedFolder } from './cached-folder.ts';
import { checkoutPrograms } from './checkout.ts';
import { showProgress } from './progress.ts';
import { runCommand } from './run-command.ts';

/**
 * The folder with the program `node` of this version: npm's package `node` carries it, as the one of this checkout
 * does.
 */
export async function installNode(version: string): Promise<string> {
	if (version === process.versions.node) return checkoutPrograms;
	const folder = await cachedFolder(`node-${version}`, async (target) => {
		// Its install script fetches the program for this machine; npm 11 runs only scripts that are allowed by name.
		const manifest = { private: true, dependencies: { node: version }, allowScripts: { node: true } };
		await writeFile(join(target, 'package.json'), JSON.stringify(manifest));
		const install = async () => await runCommand('npm', ['install', '--no-audit', '--no-fund'], { cwd: target });
		await showProgress(`Downloading Node ${version}`, install);
	});
	return join(folder, 'node_modules', '.bin');
}
