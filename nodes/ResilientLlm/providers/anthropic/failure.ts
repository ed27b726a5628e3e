import { saysContextOverflow } from '../errors/context-overflow';
import type { ErrorBody } from '../errors/error-body';
import { reasonOfWord } from '../errors/reasons';
import type { ReportedError } from '../errors/reported-error';
import { statusOf, type Verdict } from '../errors/verdict';
import { at } from '../json/json-path';
import { asString } from '../json/json-reader';

/**
 * Reads an Anthropic error: first `error.details.error_code`, then `error.type`, then patterns in the error message.
 */
export function classifyAnthropic(reply: ReportedError, error: ErrorBody | undefined): Verdict | undefined {
	if (error === undefined) return undefined;
	const code = asString(at(reply.json, 'error', 'details', 'error_code')) ?? '';
	if (/spend_limit_reached$|billing/.test(code)) return { reason: 'quota_exhausted' };
	if (code === 'ramp_limit_exceeded') return { reason: 'rate_limited' };
	if (code === 'organization_on_hold' || code.startsWith('user_profile_')) return { reason: 'permission_denied' };
	if (code.startsWith('request_body_too_large')) return { reason: 'request_too_large' };

	switch (error.type) {
		case 'overloaded_error':
			return { reason: 'overloaded' };
		case 'billing_error':
			return { reason: 'quota_exhausted' };
		case 'request_too_large':
			return { reason: 'request_too_large' };
		case 'invalid_request_error':
			return verdictOnRequest(error);
	}
	// An error inside a reply with status 200 has no HTTP status to go by, so the error type is used instead.
	const reason = statusOf(reply, error) < 400 ? reasonOfWord(error.type) : undefined;
	return reason && { reason };
}

function verdictOnRequest({ message }: ErrorBody): Verdict | undefined {
	if (/credit balance is too low|usage limits?\b|spend(?:ing)? limit/i.test(message))
		return { reason: 'quota_exhausted' };
	if (/blocked by content filtering/i.test(message)) return { reason: 'content_blocked' };
	if (saysContextOverflow(message)) return { reason: 'context_too_long' };
	// The server rejected a thinking block from an earlier turn. Repeating the call without reasoning effort avoids
	// sending thinking blocks.
	if (/`(?:redacted_)?thinking` blocks?\b/.test(message))
		return { reason: 'unsupported_parameter', parameter: 'reasoningEffort' };
	return undefined;
}
