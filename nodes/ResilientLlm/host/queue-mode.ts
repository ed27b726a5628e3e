/**
 * Whether executions run in worker processes, possibly on several machines. n8n tells nodes only through its
 * environment.
 */
export function isQueueMode(): boolean {
	return process.env.EXECUTIONS_MODE === 'queue';
}
