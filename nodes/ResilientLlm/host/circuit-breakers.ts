import { createCircuitBreakers } from '../engine/limits/circuit-breaker';
import { systemClock } from './clock';

/** One set for the whole process, so that all executions share what one of them has learned about a provider. */
export const circuitBreakers = createCircuitBreakers(systemClock);
