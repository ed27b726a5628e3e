import type { Vendor } from './vendor.ts';

/**
 * What becomes of the calls to a vendor.
 * `refuse` drops the connection, `hang` never answers, `unauthorized` takes no key.
 */
export const fates = ['ok', 'overloaded', 'unavailable', 'rate_limited', 'unauthorized', 'refuse', 'hang'] as const;

export type Fate = (typeof fates)[number];

export interface ErrorReply {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: unknown;
}

/** The failure as this vendor words it. */
export function errorReply(
	vendor: Vendor,
	fate: 'overloaded' | 'unavailable' | 'rate_limited' | 'unauthorized',
): ErrorReply {
	switch (fate) {
		case 'overloaded':
			// 529 is Anthropic's own; the others say 503 when they have no capacity.
			return reply(vendor, vendor === 'anthropic' ? 529 : 503, 'overloaded_error', 'UNAVAILABLE', 'Overloaded');
		case 'unavailable':
			return reply(vendor, 503, 'api_error', 'UNAVAILABLE', 'The service is unavailable');
		case 'rate_limited':
			return reply(
				vendor,
				429,
				'rate_limit_error',
				'RESOURCE_EXHAUSTED',
				'Rate limit reached, please try again in 1s',
				{ 'retry-after': '1' },
			);
		case 'unauthorized':
			return reply(vendor, 401, 'authentication_error', 'UNAUTHENTICATED', 'Invalid API key');
	}
}

function reply(
	vendor: Vendor,
	status: number,
	type: string,
	googleStatus: string,
	message: string,
	headers: Readonly<Record<string, string>> = {},
): ErrorReply {
	return { status, headers, body: body() };

	function body(): unknown {
		switch (vendor) {
			case 'anthropic':
				return { type: 'error', error: { type, message }, request_id: 'req_simulated' };
			case 'gemini':
				return { error: { code: status, message, status: googleStatus } };
			case 'ollama':
				return { error: message };
			default:
				return { error: { message, type, param: null, code: null } };
		}
	}
}
