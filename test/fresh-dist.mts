import { globSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const sources = ['nodes/**/*.{ts,json,svg}', 'credentials/**/*.{ts,svg}'];

/**
 * Stops a test that is about to load the built package when it would test something else than the sources: `dist` is
 * missing, older than a source, or holds what has no source any more.
 */
export function requireFreshDist(): void {
	const problem = staleness(root);
	if (problem !== undefined) throw new Error(`${problem} Run "npm run build", or "npm test", which builds first.`);
}

/** What is wrong with `dist` in this folder, in a sentence; undefined when nothing is. */
export function staleness(folder: string): string | undefined {
	const built = globSync('dist/{nodes,credentials}/**/*.js', { cwd: folder });
	if (built.length === 0) return 'The package is not built: "dist" holds no code.';
	// A build writes every file anew, so its oldest one tells when it was.
	const builtAt = Math.min(...built.map((file) => modifiedAt(folder, file)));
	const newer = globSync(sources, { cwd: folder })
		.filter((file) => !file.endsWith('.d.ts'))
		.find((file) => modifiedAt(folder, file) > builtAt);
	if (newer !== undefined) return `The built package in "dist" is older than ${newer}.`;
	const known = new Set(globSync(sources, { cwd: folder }).map((file) => file.replace(/\.ts$/, '.js')));
	const orphan = built.map((file) => file.slice('dist/'.length)).find((file) => !known.has(file));
	return orphan === undefined
		? undefined
		: `The built package in "dist" holds ${orphan}, which has no source any more.`;
}

function modifiedAt(folder: string, file: string): number {
	return statSync(join(folder, file)).mtimeMs;
}
