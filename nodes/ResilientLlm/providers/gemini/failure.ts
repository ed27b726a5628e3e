import type { FailureReason } from '../../engine/failure';
import type { DroppableParameter } from '../../engine/request';
import { durationMs } from '../../engine/retry-after';
import type { ErrorBody } from '../errors/error-body';
import type { ReportedError } from '../errors/reported-error';
import { verdictByShape, type Verdict } from '../errors/verdict';
import { at } from '../json/json-path';
import { asArray, asString } from '../json/json-reader';

/**
 * Reads errors in Google's format, `error.status` and typed `error.details` (https://google.aip.dev/193). Undefined if
 * the reply is not an error in this format.
 */
export function geminiVerdict(reply: ReportedError, error: ErrorBody | undefined): Verdict | undefined {
	const body = at(reply.json, 'error') ?? at(reply.json, 0, 'error');
	const status = asString(at(body, 'status'));
	if (error === undefined || status === undefined || reply.status < 400) return undefined;

	const details = asArray(at(body, 'details')) ?? [];
	const pause = durationMs(asString(at(detailOf(details, 'RetryInfo'), 'retryDelay')) ?? '');
	const read =
		byErrorInfo(asString(at(detailOf(details, 'ErrorInfo'), 'reason'))) ??
		byStatus(status, error.message, details) ??
		verdictByShape(reply, error);
	return { ...read, ...(pause !== undefined && { retryAfterMs: pause }) };
}

function byErrorInfo(reason: string | undefined): Verdict | undefined {
	switch (reason) {
		case 'API_KEY_INVALID':
		case 'ACCESS_TOKEN_EXPIRED':
		case 'ACCESS_TOKEN_TYPE_UNSUPPORTED':
		case 'CREDENTIALS_MISSING':
			return { reason: 'authentication' };
		case 'BILLING_DISABLED':
			return { reason: 'quota_exhausted' };
		default:
			return undefined;
	}
}

function byStatus(status: string, message: string, details: readonly unknown[]): Verdict | undefined {
	switch (status) {
		case 'RESOURCE_EXHAUSTED':
			return { reason: isSpent(message, details) ? 'quota_exhausted' : 'rate_limited' };
		case 'FAILED_PRECONDITION':
			return preconditionVerdict(message);
		case 'INVALID_ARGUMENT':
			return argumentVerdict(message, details);
		case 'UNAUTHENTICATED':
			return { reason: 'authentication' };
		case 'PERMISSION_DENIED':
			return { reason: 'permission_denied' };
		case 'NOT_FOUND':
			return { reason: 'model_not_found' };
		case 'UNAVAILABLE':
			return { reason: 'overloaded' };
		case 'INTERNAL':
		case 'UNKNOWN':
		case 'DATA_LOSS':
		case 'DEADLINE_EXCEEDED':
		case 'ABORTED':
		case 'CANCELLED':
			return { reason: 'server_error' };
		default:
			return undefined;
	}
}

/**
 * Whether a 429 means that the quota is used up for longer than a minute. Its message mentions plan and billing even
 * for a limit per minute; the quota's name shows which it is.
 */
function isSpent(message: string, details: readonly unknown[]): boolean {
	const violations = asArray(at(detailOf(details, 'QuotaFailure'), 'violations')) ?? [];
	return (
		violations.some((violation) => /PerDay|PerMonth/i.test(asString(at(violation, 'quotaId')) ?? '')) ||
		/\blimit: 0\b|credits? (?:are|is|has been|have been) depleted|spending (?:cap|limit)/i.test(message)
	);
}

function preconditionVerdict(message: string): Verdict {
	const reason: FailureReason = /billing|free tier/i.test(message)
		? 'quota_exhausted'
		: /location/i.test(message)
			? 'permission_denied'
			: 'invalid_request';
	return { reason };
}

function argumentVerdict(message: string, details: readonly unknown[]): Verdict | undefined {
	if (/api key (?:not valid|expired|not found)/i.test(message)) return { reason: 'authentication' };
	if (/request payload size exceeds/i.test(message)) return { reason: 'request_too_large' };

	const fields = (asArray(at(detailOf(details, 'BadRequest'), 'fieldViolations')) ?? []).map(
		(violation) => `${asString(at(violation, 'field')) ?? ''} ${asString(at(violation, 'description')) ?? ''}`,
	);
	const parameter = parameterNamed([message, ...fields].join('\n'));
	return parameter === undefined ? undefined : { reason: 'unsupported_parameter', parameter };
}

/**
 * If an error names one of these, the request can be repeated without the parameter, whether its presence or its value
 * was rejected.
 */
const spellings: ReadonlyArray<readonly [DroppableParameter, RegExp]> = [
	['reasoningEffort', /thinking[_ ]?(?:config|level|budget)/i],
	['outputFormat', /response[_ ]?(?:json[_ ]?)?schema|response[_ ]?mime[_ ]?type|mimeType parameter|json mode/i],
	['maxOutputTokens', /max_?output_?tokens/i],
	['temperature', /\btemperature\b/i],
];

function parameterNamed(text: string): DroppableParameter | undefined {
	// The error is about a tool's schema, which may have a parameter with such a name.
	if (/function_?declarations|\btools\[/i.test(text)) return undefined;
	return spellings.find(([, spelling]) => spelling.test(text))?.[0];
}

function detailOf(details: readonly unknown[], type: string): unknown {
	return details.find((detail) => asString(at(detail, '@type'))?.endsWith(`google.rpc.${type}`));
}
