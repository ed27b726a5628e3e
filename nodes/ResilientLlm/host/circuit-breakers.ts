import { createCircuitBreakers } from '../engine/limits/circuit-breaker';
import { systemClock } from './clock';

/** One set for the whole process: what one execution learns about a provider serves all others. */
export const circuitBreakers = createCircuitBreakers(systemClock);
