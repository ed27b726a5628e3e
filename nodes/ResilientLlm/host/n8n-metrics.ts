import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';

import type PromClient from 'prom-client';

import type { Metrics } from '../tasks/metrics';
import { createMetrics } from './metrics';

let metrics: Metrics | 'none' | undefined;

/** The metrics of this process; undefined when n8n's metrics are switched off. Looked up once. */
export function n8nMetrics(): Metrics | undefined {
	if (metrics === undefined) {
		const promClient = n8nPromClient(process.env.N8N_METRICS);
		metrics = promClient === undefined ? 'none' : createMetrics(promClient);
	}
	return metrics === 'none' ? undefined : metrics;
}

/**
 * n8n's own copy of prom-client: its `/metrics` shows only the registry of that copy. Undefined when `setting`
 * (N8N_METRICS) does not switch metrics on, or when the copy cannot be found.
 */
export function n8nPromClient(setting: string | undefined): typeof PromClient | undefined {
	if (!/^(true|1)$/i.test(setting ?? '')) return undefined;
	try {
		// The running program is n8n, so its dependencies are resolved from its path and not from the path of this package.
		const program = createRequire(realpathSync(process.argv[1] ?? ''));
		return program('prom-client') as typeof PromClient;
	} catch {
		return undefined;
	}
}
