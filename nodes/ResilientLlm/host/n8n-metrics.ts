import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';

import type PromClient from 'prom-client';

import type { Metrics } from '../tasks/metrics';
import { createMetrics } from './metrics';

let metrics: Metrics | 'none' | undefined;

/** The metrics of this process; undefined when its n8n shows none. Looked for once. */
export function n8nMetrics(): Metrics | undefined {
	if (metrics === undefined) {
		const promClient = n8nPromClient(process.env.N8N_METRICS);
		metrics = promClient === undefined ? 'none' : createMetrics(promClient);
	}
	return metrics === 'none' ? undefined : metrics;
}

/** n8n's own copy of prom-client, whose registry its `/metrics` shows; any other copy would count for nobody. */
export function n8nPromClient(setting: string | undefined): typeof PromClient | undefined {
	if (!/^(true|1)$/i.test(setting ?? '')) return undefined;
	try {
		// The program that runs is n8n's; its dependencies are found from where it is, not from where this package is.
		const program = createRequire(realpathSync(process.argv[1] ?? ''));
		return program('prom-client') as typeof PromClient;
	} catch {
		return undefined;
	}
}
