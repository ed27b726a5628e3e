/**
 * Whether executions run in worker processes, possibly on several machines. Nodes can only find out from the
 * environment variable.
 */
export function isQueueMode(): boolean {
	return process.env.EXECUTIONS_MODE === 'queue';
}
