import type { Failure } from './failure';
import type { CompletionRequest, DroppableParameter, ModelSettings, TaskContent } from './request';

/** How much more room a cut answer gets when the step is called again. */
const outputLimitGrowth = 4;

/** The request for the first call of a step. */
export function firstRequest(content: TaskContent, settings: ModelSettings): CompletionRequest {
	return { content, settings, dropped: [] };
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
				: { ...request, repair: { answer: failure.draft.text, problems: failure.problems ?? [failure.message] } };
		default:
			return request;
	}
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
