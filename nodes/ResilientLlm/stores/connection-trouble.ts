/**
 * What went wrong, phrased as the end of a sentence that begins with the name of the server; and what the user can do.
 */
export interface Trouble {
	readonly what: string;
	readonly advice: string;
}

export const checkServer = 'Check host, port and SSL in the credential, and that the server runs.';
const lookAtLog = 'The next call connects again; if this lasts, look at the log of the server.';
const checkCertificate =
	'Make its authority known to n8n (NODE_EXTRA_CA_CERTS), or switch on Ignore SSL Issues in the credential if you trust the network.';

const troubles: Readonly<Record<string, Trouble>> = {
	ECONNREFUSED: { what: 'refuses the connection', advice: checkServer },
	ENOTFOUND: { what: 'has a host name that nobody knows', advice: checkServer },
	EAI_AGAIN: { what: 'has a host name that cannot be looked up at the moment', advice: 'Check the name server.' },
	EHOSTUNREACH: { what: 'cannot be reached from here', advice: checkServer },
	ENETUNREACH: { what: 'cannot be reached from here', advice: checkServer },
	ETIMEDOUT: { what: 'does not answer', advice: checkServer },
	ECONNRESET: { what: 'closed the connection', advice: lookAtLog },
	EPIPE: { what: 'closed the connection', advice: lookAtLog },
	DEPTH_ZERO_SELF_SIGNED_CERT: { what: 'shows a certificate that it signed itself', advice: checkCertificate },
	SELF_SIGNED_CERT_IN_CHAIN: { what: 'shows a certificate from an unknown authority', advice: checkCertificate },
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: { what: 'shows a certificate from an unknown authority', advice: checkCertificate },
	UNABLE_TO_GET_ISSUER_CERT_LOCALLY: {
		what: 'shows a certificate from an unknown authority',
		advice: checkCertificate,
	},
	CERT_HAS_EXPIRED: { what: 'shows a certificate that has expired', advice: 'Renew it on the server.' },
	ERR_TLS_CERT_ALTNAME_INVALID: {
		what: 'shows a certificate for another host name',
		advice: 'Use the host name that the certificate is for.',
	},
};

/** The user-readable cause of a network or TLS error; undefined for any other error. */
export function connectionTrouble(error: unknown): Trouble | undefined {
	const code = errorCode(error);
	return (code === undefined ? undefined : troubles[code]) ?? (code?.startsWith('ERR_SSL') ? badHandshake : undefined);
}

const badHandshake: Trouble = {
	what: 'does not speak TLS as expected',
	advice: 'Check whether the server uses TLS, and on this port.',
};

/**
 * The `code` of an error; of an `AggregateError` that of its first error. Node.js throws an `AggregateError` when a
 * host name has several addresses and none can be reached.
 */
export function errorCode(error: unknown): string | undefined {
	if (typeof error !== 'object' || error === null) return undefined;
	if ('code' in error && typeof error.code === 'string') return error.code;
	return error instanceof AggregateError ? errorCode(error.errors[0]) : undefined;
}

/**
 * The first line of an error's message, at most 200 characters. Further lines are dropped because they may quote
 * content of a row.
 */
export function errorText(error: unknown): string {
	const text = error instanceof Error ? error.message : String(error);
	return (text.split('\n', 1)[0] ?? '').slice(0, 200);
}
