import type { Failure } from './failure';
import type { Completion } from './completion';
import type { Conversation, Message } from './conversation';
import type { CompletionRequest, DroppableParameter } from './request';
import type { Step } from './task';

/** Factor by which the output limit grows when a truncated answer is retried. */
const outputLimitGrowth = 4;

/** The request for a step's first call, without vendor-specific content that only other models can read. */
export function firstRequest(
	content: Conversation,
	{ settings, target }: Pick<Step, 'settings' | 'target'>,
): CompletionRequest {
	const messages = content.messages.map((message): Message => {
		if (message.role !== 'assistant' || message.keepsake === undefined || message.keepsake.target === target)
			return message;
		const { keepsake: _, ...rest } = message;
		return rest;
	});
	return { content: { ...content, messages }, settings, dropped: [] };
}

/**
 * The request for a retry of the same step, adjusted to the failure: without the refused parameter, with a larger
 * output limit, or with messages that ask the model to repair its answer.
 */
export function nextRequest(request: CompletionRequest, failure: Failure): CompletionRequest {
	switch (failure.reason) {
		case 'unsupported_parameter':
			return failure.parameter === undefined
				? request
				: { ...request, dropped: [...request.dropped, failure.parameter] };
		case 'truncated':
			return { ...request, settings: { ...request.settings, maxOutputTokens: largerLimit(request) } };
		case 'invalid_output':
			return failure.draft === undefined
				? request
				: withMessages(request, repairOf(failure.draft, failure.problems ?? [failure.message]));
		default:
			return request;
	}
}

function withMessages(request: CompletionRequest, messages: readonly Message[]): CompletionRequest {
	return { ...request, content: { ...request.content, messages: [...request.content.messages, ...messages] } };
}

/**
 * Messages that show the model its answer and what was wrong with it. Every tool call gets an error result first:
 * vendors require a result for each call before the next message.
 */
function repairOf({ text, toolCalls = [] }: Completion, problems: readonly string[]): readonly Message[] {
	const list = problems.map((problem) => `- ${problem}`).join('\n');
	const words = `Your answer cannot be used:\n${list}\nGive the whole answer again with this put right, and nothing else.`;
	return [
		{ role: 'assistant', text, toolCalls },
		...toolCalls.map(({ id, name }): Message => ({
			role: 'tool',
			callId: id,
			name,
			parts: [{ kind: 'text', text: 'This call was not run.' }],
			isError: true,
		})),
		{ role: 'user', parts: [{ kind: 'text', text: words }] },
	];
}

const parameterNames: Readonly<Record<DroppableParameter, string>> = {
	temperature: 'a temperature',
	reasoningEffort: 'a reasoning effort',
	maxOutputTokens: 'the output limit under the name it was sent',
	outputFormat: 'an output format; JSON was asked for in words',
};

/** The warning for the user about this change; it follows the model's name. Undefined: none is needed. */
export function warningOfChange({ reason, parameter }: Failure): string | undefined {
	if (reason !== 'unsupported_parameter' || parameter === undefined) return undefined;
	return `does not take ${parameterNames[parameter]}; it was left out`;
}

function largerLimit({ settings }: CompletionRequest): number {
	return Math.min(settings.maxOutputTokens * outputLimitGrowth, settings.contextWindow ?? Number.POSITIVE_INFINITY);
}
