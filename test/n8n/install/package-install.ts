import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireFreshDist } from '../../fresh-dist.mts';
import { cachedFolder } from './cached-folder.ts';
import { checkout } from './checkout.ts';
import { showProgress } from './progress.ts';
import { runCommand } from './run-command.ts';

interface Manifest {
	readonly name: string;
	readonly version: string;
	readonly dependencies?: Readonly<Record<string, string>>;
	readonly [field: string]: unknown;
}

const asN8nInstalls = [
	'--omit=dev',
	'--legacy-peer-deps',
	'--install-strategy=shallow',
	'--ignore-scripts',
	'--bin-links=false',
	'--package-lock=false',
	'--no-audit',
	'--no-fund',
];

/**
 * Puts this checkout, packed as for npm, where n8n's own installer puts a community package, so that the node's type is
 * `n8n-nodes-resilient-llm.resilientLlm`. `n8nFolder` is the `.n8n` folder.
 */
export async function installPackage(n8nFolder: string): Promise<void> {
	const packed = await packCheckout();
	const target = join(n8nFolder, 'nodes', 'node_modules', packed.manifest.name);
	await rm(target, { recursive: true, force: true });
	await mkdir(target, { recursive: true });
	await runCommand('tar', ['-xzf', packed.tarball, '-C', target, '--strip-components=1'], { cwd: packed.folder });
	await rm(packed.folder, { recursive: true, force: true });
	const manifest = withoutDevelopment(packed.manifest);
	await writeFile(join(target, 'package.json'), JSON.stringify(manifest, null, 2));
	await symlink(join(await installDependencies(manifest), 'node_modules'), join(target, 'node_modules'), 'junction');
}

async function packCheckout(): Promise<{ folder: string; tarball: string; manifest: Manifest }> {
	requireFreshDist();
	const manifest = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8')) as Manifest;
	const folder = await mkdtemp(join(tmpdir(), 'n8n-nodes-resilient-llm-pack-'));
	await runCommand('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: checkout });
	return { folder, tarball: join(folder, `${manifest.name}-${manifest.version}.tgz`), manifest };
}

/** n8n's installer drops the same fields before it asks npm for the rest. */
function withoutDevelopment(manifest: Manifest): Manifest {
	return { ...manifest, devDependencies: undefined, peerDependencies: undefined, optionalDependencies: undefined };
}

/**
 * The run-time dependencies as n8n's installer would fetch them; kept per set of dependencies, so only a change costs
 * time.
 */
async function installDependencies({ dependencies = {} }: Manifest): Promise<string> {
	const recipe = createHash('sha256').update(JSON.stringify(dependencies)).digest('hex').slice(0, 12);
	return await cachedFolder(`dependencies-${recipe}`, async (folder) => {
		await mkdir(join(folder, 'node_modules'), { recursive: true });
		await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
		const install = async () => await runCommand('npm', ['install', ...asN8nInstalls], { cwd: folder });
		await showProgress('Installing the dependencies of this package', install);
	});
}
