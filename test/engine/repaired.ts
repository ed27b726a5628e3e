import type { Conversation } from '../../nodes/ResilientLlm/engine/conversation';
import { firstRequest, nextRequest } from '../../nodes/ResilientLlm/engine/next-request';

/** An answer that failed a check, and what was wrong with it. */
export interface Repair {
	readonly answer: string;
	readonly problems: readonly string[];
}

/** What the chain asks after such an answer. */
export function repaired(content: Conversation, { answer, problems }: Repair): Conversation {
	const draft = { kind: 'completion', text: answer, finishReason: 'stop', model: 'm' } as const;
	const request = firstRequest(content, { settings: { model: 'm', maxOutputTokens: 1 }, target: 't' });
	return nextRequest(request, { kind: 'failure', reason: 'invalid_output', message: '', problems, draft }).content;
}
