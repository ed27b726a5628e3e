import type { Failure } from './failure';
import type { Completion } from './completion';
import type { Conversation, Message } from './conversation';
import type { CompletionRequest, DroppableParameter } from './request';
import type { Step } from './task';

/** How much more room a cut answer gets when the step is called again. */
const outputLimitGrowth = 4;

/** The request for the first call of a step. What other models alone can read is left out. */
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

/** The request for the next call of the same step, with what this failure teaches. */
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

/** Shows a model its answer and what was wrong with it. A call must have a result before anything else is said. */
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

/** What the user should know of the change, to go on after the model's name. Undefined: nothing. */
export function warningOfChange({ reason, parameter }: Failure): string | undefined {
	if (reason !== 'unsupported_parameter' || parameter === undefined) return undefined;
	return `does not take ${parameterNames[parameter]}; it was left out`;
}

function largerLimit({ settings }: CompletionRequest): number {
	return Math.min(settings.maxOutputTokens * outputLimitGrowth, settings.contextWindow ?? Number.POSITIVE_INFINITY);
}
