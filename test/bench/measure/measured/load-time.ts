import { createRequire } from 'node:module';
import { join } from 'node:path';
import { checkout } from '../../../n8n/install/checkout.ts';
import { n8nFiles } from '../../ours/dist.ts';

export interface LoadTime {
	readonly ms: number;
	readonly heapBytes: number;
	readonly rssBytes: number;
	readonly files: number;
}

/**
 * Loads what n8n loads of the package when it starts: nodes and credentials, each made once. n8n-workflow is there
 * before.
 */
export default function loadTime(): LoadTime {
	const require = createRequire(join(checkout, 'package.json'));
	require('n8n-workflow');
	const { nodes, credentials } = n8nFiles();
	const filesBefore = Object.keys(require.cache).length;
	void globalThis.gc?.();
	const before = process.memoryUsage();
	const start = performance.now();
	const kept = [...nodes, ...credentials].map((file) =>
		Object.values(require(file) as Record<string, new () => unknown>).map((Type) => new Type()),
	);
	const ms = performance.now() - start;
	void globalThis.gc?.();
	const after = process.memoryUsage();
	if (kept.flat().length === 0) throw new Error('Nothing was loaded');
	return {
		ms,
		heapBytes: after.heapUsed - before.heapUsed,
		rssBytes: after.rss - before.rss,
		files: Object.keys(require.cache).length - filesBefore,
	};
}
