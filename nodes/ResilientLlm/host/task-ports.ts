import type { TaskPorts } from '../tasks/run-task';
import { circuitBreakers } from './circuit-breakers';
import { systemClock } from './clock';
import { n8nMetrics } from './n8n-metrics';
import { rateLimitGates } from './rate-limit-gates';

/** What all tasks of this process share, whichever node runs them. */
export function taskPorts(): TaskPorts {
	return {
		clock: systemClock,
		random: Math.random,
		breakers: circuitBreakers,
		gates: rateLimitGates,
		metrics: n8nMetrics(),
	};
}
