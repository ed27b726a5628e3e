import { createHash } from 'node:crypto';

/** The same for equal values, whatever the order of their keys. */
export function canonicalJson(value: unknown): string {
	return JSON.stringify(value, (_, part: unknown) =>
		typeof part === 'object' && part !== null && !Array.isArray(part)
			? Object.fromEntries(Object.entries(part).sort(([left], [right]) => (left < right ? -1 : 1)))
			: part,
	);
}

/** What makes a task the one it is. */
export interface TaskIdentity {
	readonly workflowId: string;
	readonly nodeId: string;
	readonly prompt: string;
	readonly systemMessage: string;
	readonly schema: unknown;
	/** One hash per attachment. */
	readonly attachments: readonly string[];
	/** Each run and item is a task of its own. */
	readonly executionId: string;
	readonly itemIndex: number;
}

export function taskIdOf(identity: TaskIdentity): string {
	return sha256(canonicalJson(identity));
}

export function sha256(content: string | Uint8Array): string {
	return createHash('sha256').update(content).digest('hex');
}
