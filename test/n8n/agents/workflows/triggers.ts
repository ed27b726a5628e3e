import { trigger } from './model-plug.ts';
import type { Node } from './workflow.ts';

/** How a workflow is called, and what its caller reads: the last node's item, or what is streamed. */
export interface TriggerOptions {
	readonly kind: 'webhook' | 'chat';
	readonly streamed: boolean;
}

export function triggerNode(path: string, { kind, streamed }: TriggerOptions): Node {
	const responseMode = streamed ? 'streaming' : 'lastNode';
	if (kind === 'chat') {
		return {
			name: trigger,
			type: '@n8n/n8n-nodes-langchain.chatTrigger',
			typeVersion: 1.3,
			parameters: { public: true, mode: 'webhook', options: { responseMode } },
			webhookId: path,
		};
	}
	return {
		name: trigger,
		type: 'n8n-nodes-base.webhook',
		typeVersion: 2.1,
		parameters: { httpMethod: 'POST', path, responseMode, options: {} },
		webhookId: path,
	};
}

/** Where a published workflow is called. */
export function callUrl(n8nUrl: string, path: string, { kind }: TriggerOptions): string {
	return `${n8nUrl}/webhook/${path}${kind === 'chat' ? '/chat' : ''}`;
}
