import { textsIn } from '../../engine/conversation';
import type { Failure, FailureReason } from '../../engine/failure';
import type { CompletionRequest, DroppableParameter } from '../../engine/request';
import { retryAfterMs } from '../../engine/retry-after';
import { saysContextOverflow } from './context-overflow';
import { readErrorBody, type ErrorBody } from './error-body';
import { asRequestId } from '../json/json-reader';
import { diagnose } from '../http/network-errors';
import { shortMessage } from '../redaction/redaction';
import { maxReplyBytes, type ProviderSettings, type Received, type Reply } from '../http/transport';
import { refusedParameter } from './unsupported-parameter';

/** What a vendor makes of its own error reply. What it leaves out is read the way all vendors are. */
export interface Verdict {
	readonly reason: FailureReason;
	/** In the server's words or ours; redacted and cut by the caller. */
	readonly message?: string;
	readonly parameter?: DroppableParameter;
	readonly retryAfterMs?: number;
	readonly retryAdvice?: 'retry' | 'no_retry';
}

export interface FailureContext {
	readonly settings: ProviderSettings;
	/** The request that failed, so that nothing of its prompt is quoted. */
	readonly request?: CompletionRequest;
	/** The vendor's own reading of an error reply, or undefined when the shared one will do. */
	readonly classify?: (reply: Reply, error: ErrorBody | undefined) => Verdict | undefined;
	/** What a right base URL looks like, for the case that there is nothing at this one. */
	readonly addressAdvice?: string;
}

/** Turns what came of one HTTP request, and what the SDK threw, if anything, into the one failure they mean. */
export function failureFrom(received: Received | undefined, thrown: unknown, context: FailureContext): Failure {
	const host = hostOf(context.settings.baseUrl);
	switch (received?.kind) {
		case undefined:
			return failure(
				context,
				URL.canParse(context.settings.baseUrl)
					? { reason: 'invalid_request', message: `Nothing was sent: ${messageOf(thrown)}` }
					: { reason: 'permission_denied', message: 'Nothing was sent: the base URL is not a URL' },
			);
		case 'refused':
			return failure(context, { reason: 'permission_denied', message: received.why });
		case 'redirect':
			return failure(
				context,
				{
					reason: 'bad_response',
					message: `${host} redirects to ${received.host ?? 'nowhere'}; redirects are not followed: correct the base URL`,
				},
				received.status,
			);
		case 'oversize': {
			const message = `The reply is larger than ${maxReplyBytes / 1024 / 1024} MB`;
			return failure(context, { reason: 'bad_response', message }, received.status);
		}
		case 'broken':
			return failure(context, diagnose(received.error, host), received.status);
		case 'reply':
			return failureOfReply(received, context);
	}
}

/** The request id, wherever the vendor writes it. */
export function requestIdOf(headers: Headers, apiKey: string): string | undefined {
	const id = asRequestId(headers.get('request-id') ?? headers.get('x-request-id'));
	return id === undefined || (apiKey !== '' && id.includes(apiKey)) ? undefined : id;
}

function failureOfReply(reply: Reply, context: FailureContext): Failure {
	const error = readErrorBody(reply.json);
	const own = context.classify?.(reply, error) ?? verdictOnAddress(reply, error, context);
	const verdict = own ?? verdictByShape(reply, error);
	const words = presentable(verdict.message ?? error?.message ?? '', context);
	const pause = verdict.retryAfterMs ?? retryAfterMs(reply.headers, error?.message ?? reply.text, Date.now());
	const advice = verdict.retryAdvice ?? retryAdviceOf(reply.headers);
	return failure(
		context,
		{
			...verdict,
			message: words === '' ? wordless(reply) : words,
			...(pause !== undefined && { retryAfterMs: pause }),
			...(advice !== undefined && { retryAdvice: advice }),
		},
		reply.status,
		requestIdOf(reply.headers, context.settings.apiKey),
	);
}

/** A server that does not know a model says so. One that only says "not found" has nothing at this address. */
function verdictOnAddress(
	{ status }: Reply,
	error: ErrorBody | undefined,
	{ addressAdvice }: FailureContext,
): Verdict | undefined {
	if (status !== 404 || /model|deployment|engine/i.test(error?.evidence ?? '')) return undefined;
	const advice = addressAdvice === undefined ? '' : `; ${addressAdvice}`;
	const message = `HTTP 404: there is nothing at this address. The base URL may be incomplete${advice}`;
	// To ask there again would be of no use.
	return { reason: 'bad_response', message, retryAdvice: 'no_retry' };
}

/** How every vendor's errors are read where the vendor has no code of its own for them. */
export function verdictByShape(reply: Reply, error: ErrorBody | undefined): Verdict {
	const status = statusOf(reply, error);
	if (status < 400) return { reason: reasonOfWord(error?.code) ?? reasonOfWord(error?.type) ?? 'bad_response' };
	if (error !== undefined) {
		const clientError = status < 500 && status !== 401 && status !== 402 && status !== 403 && status !== 429;
		if ((clientError || status === 500) && saysContextOverflow(error.evidence)) return { reason: 'context_too_long' };
		if (status === 400 || status === 422) {
			const parameter = refusedParameter(error);
			if (parameter === 'other') return { reason: 'unsupported_parameter' };
			if (parameter !== undefined) return { reason: 'unsupported_parameter', parameter };
		}
	}
	return { reason: reasonOfStatus(status) };
}

/** The status, or for an error inside a 200 the one its numeric code stands for; 200 when there is none. */
export function statusOf(reply: Reply, error: ErrorBody | undefined): number {
	if (reply.status >= 400) return reply.status;
	const code = Number(error?.code);
	return Number.isInteger(code) && code >= 400 && code < 600 ? code : reply.status;
}

/** What an HTTP status means where nothing more is known. */
export function reasonOfStatus(status: number): FailureReason {
	switch (status) {
		case 401:
		case 407:
			return 'authentication';
		case 402:
			return 'quota_exhausted';
		case 403:
		case 451:
			return 'permission_denied';
		case 404:
		case 410:
			return 'model_not_found';
		case 408:
		case 409:
		case 499:
			return 'server_error';
		case 413:
			return 'request_too_large';
		case 429:
			return 'rate_limited';
		case 503:
		case 529:
			return 'overloaded';
	}
	if (status >= 500) return 'server_error';
	return status >= 400 ? 'invalid_request' : 'bad_response';
}

/** What an error's code or type means, for errors that come without a status of their own. */
export function reasonOfWord(word: string | undefined): FailureReason | undefined {
	// `RateLimitError`, `rate_limit_error` and `RATE-LIMIT` are one word.
	switch (word?.toLowerCase().replace(/[^a-z]/g, '')) {
		case 'ratelimiterror':
		case 'ratelimitexceeded':
		case 'ratelimited':
		case 'toomanyrequests':
			return 'rate_limited';
		case 'insufficientquota':
		case 'billingerror':
		case 'quotaexceeded':
			return 'quota_exhausted';
		case 'overloadederror':
		case 'overloaded':
		case 'serviceunavailable':
		case 'serviceunavailableerror':
		case 'unavailableerror':
		case 'unavailable':
			return 'overloaded';
		case 'servererror':
		case 'internalerror':
		case 'internalservererror':
		case 'internal':
		case 'apierror':
		case 'timeouterror':
		case 'timeout':
		case 'gatewaytimeout':
			return 'server_error';
		case 'authenticationerror':
		case 'invalidapikey':
		case 'unauthorized':
		case 'unauthenticated':
			return 'authentication';
		case 'permissionerror':
		case 'permissiondenied':
		case 'forbidden':
			return 'permission_denied';
		case 'notfounderror':
		case 'modelnotfound':
			return 'model_not_found';
		case 'contextlengthexceeded':
		case 'exceedcontextsizeerror':
			return 'context_too_long';
		case 'requesttoolarge':
			return 'request_too_large';
		case 'contentfilter':
			return 'content_blocked';
		case 'invalidrequesterror':
			return 'invalid_request';
		default:
			return undefined;
	}
}

function retryAdviceOf(headers: Headers): 'retry' | 'no_retry' | undefined {
	switch (headers.get('x-should-retry')) {
		case 'true':
			return 'retry';
		case 'false':
			return 'no_retry';
		default:
			return undefined;
	}
}

function wordless({ status, headers, text }: Reply): string {
	if (text.trim() === '') return `HTTP ${status} with an empty body`;
	const html = /html/i.test(headers.get('content-type') ?? '') || /^\s*<(?:!doctype|html)/i.test(text);
	if (html) return `HTTP ${status} with a web page instead of an answer`;
	return status < 400 ? 'The reply holds no answer' : `HTTP ${status} without a message`;
}

function failure(context: FailureContext, verdict: Verdict, httpStatus?: number, requestId?: string): Failure {
	const { message = '', ...facts } = verdict;
	return {
		kind: 'failure',
		...facts,
		message: presentable(message, context) || 'It gave no reason',
		...(httpStatus !== undefined && { httpStatus }),
		...(requestId !== undefined && { requestId }),
	};
}

function presentable(words: string, { settings, request }: FailureContext): string {
	const privateTexts = request === undefined ? [] : textsIn(request.content);
	return shortMessage(words, settings, privateTexts);
}

function hostOf(baseUrl: string): string {
	return URL.canParse(baseUrl) ? new URL(baseUrl).host : 'the server';
}

function messageOf(thrown: unknown): string {
	return thrown instanceof Error ? thrown.message : 'unknown cause';
}
