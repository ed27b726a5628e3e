import { createCircuitBreakers } from '../engine/circuit-breaker';
import { systemClock } from './clock';

/** One set for the whole process: what one execution learns about a provider serves all others. */
export const circuitBreakers = createCircuitBreakers(systemClock);
