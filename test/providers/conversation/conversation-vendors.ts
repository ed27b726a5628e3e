import type { CompletionRequest, ReasoningEffort } from '../../../nodes/ResilientLlm/engine/request';
import type { Provider } from '../../../nodes/ResilientLlm/engine/provider';
import { createAnthropic } from '../../../nodes/ResilientLlm/providers/anthropic';
import type { ProviderSettings } from '../../../nodes/ResilientLlm/providers/http/transport';

/** A vendor's adapter and a model of it, as one step of a chain calls them. */
export interface ConversationVendor {
	readonly name: string;
	readonly model: string;
	/** What the base URL has after the strict server's. */
	readonly path: string;
	/** Sent when it is to think. Undefined: it takes no effort. */
	readonly effort: ReasoningEffort | undefined;
	create(settings: ProviderSettings): Provider;
}

const claude = { path: '', effort: 'low', create: createAnthropic } as const;

export const conversationVendors: readonly ConversationVendor[] = [
	{ ...claude, name: 'anthropic, thinking bound to its place', model: 'claude-haiku-5-5' },
	{ ...claude, name: 'anthropic, no tool forced', model: 'claude-sonnet-5-5' },
	{ ...claude, name: 'anthropic, thinking bound to nothing', model: 'claude-opus-5' },
	{ ...claude, name: 'anthropic, of last year', model: 'claude-haiku-4-5', effort: undefined },
];

export function requestTo(
	{ model, effort }: ConversationVendor,
	content: CompletionRequest['content'],
	thinks = false,
): CompletionRequest {
	const settings = { model, maxOutputTokens: 1024, ...(thinks && effort !== undefined && { reasoningEffort: effort }) };
	return { content, settings, dropped: [] };
}
