import type { ErrorReply, Refusal } from './protocol.ts';

/** How OpenAI turns a request down, on both of its endpoints. `tooLong` is where they differ. */
export function openAiRefusal(refusal: Refusal, model: string, retryAfterSeconds: number, tooLong: string): ErrorReply {
	switch (refusal) {
		case 'overloaded':
			return error(
				503,
				'The server is currently overloaded with other requests. Sorry about that!',
				'server_error',
				null,
			);
		case 'rate_limited':
			return error(
				429,
				`Rate limit reached for ${model} on requests per min (RPM): Limit 3, Used 3, ` +
					`Requested 1. Please try again in ${retryAfterSeconds}s.`,
				'requests',
				'rate_limit_exceeded',
				null,
				{
					'retry-after': String(retryAfterSeconds),
					'retry-after-ms': String(retryAfterSeconds * 1000),
					'x-ratelimit-remaining-requests': '0',
					'x-ratelimit-reset-requests': `${retryAfterSeconds}s`,
				},
			);
		case 'quota_exhausted':
			return error(
				429,
				'You exceeded your current quota, please check your plan and billing details.',
				'insufficient_quota',
				'insufficient_quota',
			);
		case 'server_error':
			return error(
				500,
				'The server had an error while processing your request. Sorry about that!',
				'server_error',
				null,
			);
		case 'wrong_key':
			return error(
				401,
				'Incorrect API key provided: sk-wrong. You can find your API key at ' +
					'https://platform.openai.com/account/api-keys.',
				'invalid_request_error',
				'invalid_api_key',
			);
		case 'unknown_model':
			return error(
				404,
				`The model \`${model}\` does not exist or you do not have access to it.`,
				'invalid_request_error',
				'model_not_found',
			);
		case 'context_too_long':
			return error(400, tooLong, 'invalid_request_error', 'context_length_exceeded', 'messages');
	}
}

function error(
	status: number,
	message: string,
	type: string,
	code: string | null,
	param: string | null = null,
	headers: Readonly<Record<string, string>> = {},
): ErrorReply {
	return { status, headers, body: { error: { message, type, param, code } } };
}
