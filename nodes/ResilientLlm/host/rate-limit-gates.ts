import { createRateLimitGates } from '../engine/limits/rate-limit-gates';
import { systemClock } from './clock';

/** One set for the whole process: the items of all executions wait for one reopening. */
export const rateLimitGates = createRateLimitGates(systemClock);
