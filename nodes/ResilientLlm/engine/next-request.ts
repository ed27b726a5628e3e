import type { Failure } from './failure';
import type { CompletionRequest } from './request';

/** How much more room a cut answer gets when the step is called again. */
const outputLimitGrowth = 4;

/** The request for the next call of the same step, with what this failure teaches. */
export function nextRequest(request: CompletionRequest, failure: Failure): CompletionRequest {
	switch (failure.reason) {
		case 'unsupported_parameter':
			return failure.parameter === undefined ? request : { ...request, dropped: [...request.dropped, failure.parameter] };
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

function largerLimit({ settings }: CompletionRequest): number {
	return Math.min(settings.maxOutputTokens * outputLimitGrowth, settings.contextWindow ?? Number.POSITIVE_INFINITY);
}
