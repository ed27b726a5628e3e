import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { staleness } from './fresh-dist.mjs';

const builtAt = 1_000;
let folder: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'resilient-llm-dist-'));
	for (const file of ['nodes/N/N.node', 'nodes/N/actions/run', 'credentials/C.credentials']) {
		write(`${file}.ts`, builtAt - 1);
		write(`dist/${file}.js`, builtAt);
	}
});

afterEach(() => rmSync(folder, { recursive: true }));

function write(file: string, at: number): void {
	mkdirSync(dirname(join(folder, file)), { recursive: true });
	writeFileSync(join(folder, file), '');
	utimesSync(join(folder, file), at, at);
}

it('is content with a build that came after the last change', () => {
	expect(staleness(folder)).toBeUndefined();
});

it.each([
	'nodes/N/actions/run.ts',
	'nodes/N/actions/new.ts',
	'nodes/N/N.node.json',
	'nodes/N/icon.svg',
	'credentials/C.credentials.ts',
])('names %s when it was changed after the build', (file) => {
	write(file, builtAt + 1);
	expect(staleness(folder)).toBe(`The built package in "dist" is older than ${file}.`);
});

it('sees a change in the middle of a build that took a while', () => {
	write('dist/nodes/N/actions/run.js', builtAt + 5);
	write('nodes/N/N.node.ts', builtAt + 3);
	expect(staleness(folder)).toContain('older than nodes/N/N.node.ts');
});

it('names what was built from a source that is gone', () => {
	rmSync(join(folder, 'nodes/N/actions/run.ts'));
	expect(staleness(folder)).toBe(
		'The built package in "dist" holds nodes/N/actions/run.js, which has no source any more.',
	);
});

it('says so when nothing was built', () => {
	rmSync(join(folder, 'dist'), { recursive: true });
	expect(staleness(folder)).toBe('The package is not built: "dist" holds no code.');
});
