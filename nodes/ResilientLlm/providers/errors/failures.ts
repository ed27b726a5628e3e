import { textsIn } from '../../engine/conversation';
import type { Failure } from '../../engine/failure';
import type { CompletionRequest } from '../../engine/request';
import type { Account } from '../http/account';
import { diagnose } from '../http/network-errors';
import { maxReplyBytes, type Received } from '../http/transport';
import { asRequestId } from '../json/json-reader';
import { shortMessage } from '../redaction/redaction';
import type { ErrorBody } from './error-body';
import { reportedErrorOf, type ReportedError } from './reported-error';
import { classifyError, type Classify, type Verdict } from './verdict';

export interface FailureContext {
	readonly settings: Account & { readonly baseUrl: string };
	/** The request that failed. Its texts are removed from error messages, which may quote the prompt. */
	readonly request?: CompletionRequest;
	/** The vendor's own classification of an error reply; without it the shared one is used. */
	readonly classify?: Classify;
	/** A hint about the base URL, added to the message if the server has nothing at this address. */
	readonly addressAdvice?: string;
}

/** Converts the result of one HTTP request and the error that the SDK threw, if any, into one failure. */
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
			return failureOfReport(received, context, received.status);
	}
}

/**
 * The request ID from whichever header the vendor uses. Undefined if missing, malformed or if it contains the API key.
 */
export function requestIdOf(headers: ReportedError['headers'], apiKey: string): string | undefined {
	const id = asRequestId(headers.get('request-id') ?? headers.get('x-request-id'));
	return id === undefined || (apiKey !== '' && id.includes(apiKey)) ? undefined : id;
}

/**
 * Like `failureFrom`, for an error thrown by a library: the error contains either the server's reply or the cause of a
 * broken connection. `host` is named in messages.
 */
export function failureOfError(thrown: unknown, host: string, context: FailureContext): Failure {
	const reported = reportedErrorOf(thrown);
	if (reported === undefined) return failure(context, diagnose(thrown, host));
	return failureOfReport(reported, context, reported.httpStatus);
}

function failureOfReport(report: ReportedError, context: FailureContext, httpStatus?: number): Failure {
	const classify: Classify = (one, error) => context.classify?.(one, error) ?? verdictOnAddress(one, error, context);
	const verdict = classifyError(report, classify, Date.now());
	const words = presentable(verdict.message ?? '', context);
	return failure(
		context,
		{ ...verdict, message: words === '' ? wordless(report) : words },
		httpStatus,
		requestIdOf(report.headers, context.settings.apiKey),
	);
}

/** A 404 for an unknown model names the model. A 404 that says nothing more means that the base URL is wrong. */
function verdictOnAddress(
	{ status }: ReportedError,
	error: ErrorBody | undefined,
	{ addressAdvice }: FailureContext,
): Verdict | undefined {
	if (status !== 404 || /model|deployment|engine/i.test(error?.evidence ?? '')) return undefined;
	const advice = addressAdvice === undefined ? '' : `; ${addressAdvice}`;
	const message = `HTTP 404: there is nothing at this address. The base URL may be incomplete${advice}`;
	// The base URL is wrong, so a retry cannot succeed.
	return { reason: 'bad_response', message, retryAdvice: 'no_retry' };
}

function wordless({ status, headers, text }: ReportedError): string {
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
