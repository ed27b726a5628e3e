/** A server that takes longer than this to answer, in ms, is as good as down: the task goes on without it. */
export const defaultTimeoutMs = 5000;
