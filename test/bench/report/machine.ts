import { execFileSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { checkout } from '../../n8n/install/checkout.ts';
import type { Machine } from './result.ts';

export function machine(): Machine {
	return {
		cpu: cpus()[0]?.model.trim() ?? 'unknown',
		cores: cpus().length,
		memoryGb: Math.round(totalmem() / 2 ** 30),
		platform: `${process.platform} ${process.arch}`,
		node: process.version,
		loadAverage: loadavg().map((load) => Math.round(load * 100) / 100),
	};
}

/** The commit that was measured, with a + when there were changes on top. */
export function commit(): string {
	try {
		const git = (...words: string[]) => execFileSync('git', words, { cwd: checkout, encoding: 'utf8' }).trim();
		return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '+'}`;
	} catch {
		return 'unknown';
	}
}
