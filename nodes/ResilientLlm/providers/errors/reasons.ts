import type { FailureReason } from '../../engine/failure';

/** The failure reason for an HTTP status, used if the reply says nothing more specific. */
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

/** The failure reason for an error's code or type, used for errors without an HTTP status of their own. */
export function reasonOfWord(word: string | undefined): FailureReason | undefined {
	// Case and punctuation are ignored: `RateLimitError`, `rate_limit_error` and `RATE-LIMIT` are the same.
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
