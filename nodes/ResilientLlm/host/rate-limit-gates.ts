import { createRateLimitGates } from '../engine/limits/rate-limit-gates';
import { systemClock } from './clock';

/**
 * One set for the whole process, so that the items of all executions share the limits that one of them has run into.
 */
export const rateLimitGates = createRateLimitGates(systemClock);
