import { failover } from './failover.ts';
import { overhead } from './overhead.ts';
import { rateLimit } from './rate-limit.ts';
import type { Scenario } from './scenario.ts';
import { throughput } from './throughput.ts';

/** In the order they run. */
export const scenarios: Readonly<Record<string, Scenario>> = { overhead, throughput, failover, 'rate-limit': rateLimit };
