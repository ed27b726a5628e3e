import { describe, expect, it } from 'vitest';

import { classifyAnthropic } from '../../../nodes/ResilientLlm/providers/anthropic/failure';
import { failureOfError } from '../../../nodes/ResilientLlm/providers/errors/failures';
import { reportedErrorOf } from '../../../nodes/ResilientLlm/providers/errors/reported-error';
import type { Classify } from '../../../nodes/ResilientLlm/providers/errors/verdict';
import { classifyOpenAi } from '../../../nodes/ResilientLlm/providers/openai/failure';

const settings = { apiKey: 'sk-proj-1234567890abcdef', baseUrl: 'https://models.example/v1' };

function read(thrown: unknown, classify?: Classify) {
	return failureOfError(thrown, 'models.example', { settings, ...(classify !== undefined && { classify }) });
}

function error(message: string, facts: Readonly<Record<string, unknown>> = {}): Error {
	return Object.assign(new Error(message), facts);
}

/** As n8n wraps what a chat model has thrown. */
function wrapped(cause: unknown, httpCode: string | null = null): Error {
	return error('The service is receiving too many requests from you', { httpCode, description: 'd', cause });
}

describe('an error that a library has thrown', () => {
	it.each([
		[
			"OpenAI's SDK, wrapped by n8n",
			wrapped(
				error('429 Rate limit reached', {
					status: 429,
					code: 'rate_limit_exceeded',
					type: 'tokens',
					headers: new Headers({ 'retry-after': '7' }),
					error: { message: 'Rate limit reached', code: 'rate_limit_exceeded', type: 'tokens' },
				}),
				'429',
			),
			classifyOpenAi,
			{ reason: 'rate_limited', httpStatus: 429, retryAfterMs: 7000, message: 'Rate limit reached' },
		],
		[
			"OpenAI's SDK, the money used up",
			error('429 You exceeded your current quota', { status: 429, code: 'insufficient_quota', error: undefined }),
			classifyOpenAi,
			{ reason: 'quota_exhausted', httpStatus: 429 },
		],
		[
			"Anthropic's SDK",
			error('529 {"type":"error"}', {
				status: 529,
				headers: new Headers({ 'x-should-retry': 'true', 'request-id': 'req_1' }),
				error: { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
			}),
			classifyAnthropic,
			{ reason: 'overloaded', httpStatus: 529, retryAdvice: 'retry', requestId: 'req_1', message: 'Overloaded' },
		],
		[
			"LangChain's word for a prompt that is too long",
			wrapped(
				error('Context overflow', {
					name: 'ContextOverflowError',
					cause: error('400 too long', {
						status: 400,
						error: {
							message: 'This model has a maximum context length of 8192 tokens',
							code: 'context_length_exceeded',
						},
					}),
				}),
			),
			undefined,
			{ reason: 'context_too_long', httpStatus: 400 },
		],
		["Ollama's library", error('m', { status_code: 503, error: 'server busy' }), undefined, { reason: 'overloaded' }],
		[
			'Gemini, with nothing but a status and a text',
			error('[429 Too Many Requests] Resource has been exhausted. Please retry in 12s.', { status: 429 }),
			undefined,
			{ reason: 'rate_limited', httpStatus: 429, retryAfterMs: 12_000 },
		],
		[
			'the AWS SDK',
			error('Too many tokens', { name: 'ThrottlingException', $metadata: { httpStatusCode: 429 } }),
			undefined,
			{ reason: 'rate_limited', httpStatus: 429, message: 'Too many tokens' },
		],
		[
			'an HTTP client, with plain headers',
			error('Request failed', { response: { status: 401, data: { error: 'no' }, headers: { 'X-Request-Id': 'r2' } } }),
			undefined,
			{ reason: 'authentication', httpStatus: 401, requestId: 'r2' },
		],
	] as const)('is read by the same table: %s', (_, thrown, classify, failure) => {
		expect(read(thrown, classify)).toMatchObject(failure);
	});

	it('without a status is read by its code, and gives no status', () => {
		const failure = read(error('busy', { code: 'rate_limit_exceeded' }));
		expect(failure).toMatchObject({ reason: 'rate_limited', message: 'busy' });
		expect(failure).not.toHaveProperty('httpStatus');
	});

	it('that no server has reported is a connection that broke, as the system names it', () => {
		const fetchFailed = Object.assign(new TypeError('fetch failed'), { cause: error('m', { code: 'ECONNREFUSED' }) });
		expect(reportedErrorOf(error('Connection error.', { cause: fetchFailed }))).toBeUndefined();
		expect(read(error('Connection error.', { cause: fetchFailed }))).toMatchObject({
			reason: 'network',
			message: 'models.example refuses the connection: is the server running?',
		});
		expect(reportedErrorOf(error('m', { code: 'ABORT_ERR' }))).toBeUndefined();
	});

	it('tells no secret', () => {
		const { message } = read(error(`Incorrect API key provided: ${settings.apiKey}`, { status: 401 }));
		expect(message).not.toContain(settings.apiKey);
		expect(message).toContain('Incorrect API key provided');
	});

	it('that is hostile is read in no time: circles, depth, things that are no errors', () => {
		const circle: Record<string, unknown> = { status: 500 };
		circle.cause = circle;
		circle.error = circle;
		expect(read(circle)).toMatchObject({ reason: 'server_error', httpStatus: 500 });
		let deep: unknown = error('m', { status: 429 });
		for (let depth = 0; depth < 100_000; depth += 1) deep = { cause: deep };
		expect(read(deep)).toMatchObject({ reason: 'network' });
		for (const thrown of [undefined, null, 'text', 7, []]) expect(read(thrown)).toMatchObject({ reason: 'network' });
		expect(read(error('m', { status: '99999', headers: null, error: { message: {} } }))).toMatchObject({
			reason: 'bad_response',
		});
	});
});
