import { failover } from './failover.ts';
import { load } from './load.ts';
import { memory } from './memory.ts';
import { insideN8n } from './n8n.ts';
import { overhead } from './overhead.ts';
import { rateLimit } from './rate-limit.ts';
import type { Scenario } from './scenario.ts';
import { stores } from './stores.ts';
import { throughput } from './throughput.ts';

/** In the order they run. */
export const scenarios: Readonly<Record<string, Scenario>> = {
	overhead,
	throughput,
	failover,
	'rate-limit': rateLimit,
	memory,
	load,
	stores,
	n8n: insideN8n,
};
