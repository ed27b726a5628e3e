/**
 * Default time limit for connecting to a store's server and for each of its replies, in ms. After that the store counts
 * as unreachable.
 */
export const defaultTimeoutMs = 5000;
