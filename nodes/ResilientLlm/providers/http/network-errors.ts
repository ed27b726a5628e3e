import type { FailureReason } from '../../engine/failure';
import { at } from '../json/json-path';
import { asArray, asString } from '../json/json-reader';

interface Diagnosis {
	readonly reason: FailureReason;
	readonly message: string;
}

/**
 * Finds what broke an HTTP request. Looks at error names and codes, because `instanceof` fails if a library is loaded
 * twice.
 */
export function diagnose(error: unknown, host: string): Diagnosis {
	const chain = causes(error);
	const blocked = chain.find((cause) => wordOf(cause, 'name')?.startsWith('SsrfBlocked'));
	if (blocked !== undefined) return { reason: 'permission_denied', message: ssrfMessage(host) };

	// undici reports proxy errors as an abort, so the message must be checked before the error name.
	const words = chain.map((cause) => wordOf(cause, 'message') ?? '').join('; ');
	const proxyStatus =
		/Proxy response \((\d+)\)/.exec(words)?.[1] ?? /Proxy Authentication Required \((\d+)\)/.exec(words)?.[1];
	if (proxyStatus !== undefined) return network(`The proxy did not open a connection to ${host} (HTTP ${proxyStatus})`);
	const names = chain.flatMap((cause) => [wordOf(cause, 'code'), wordOf(cause, 'name')]);
	for (const name of names) {
		const known = name === undefined ? undefined : diagnosisOf(name, host);
		if (known !== undefined) return known;
	}
	if (/invalid .{0,40}header/i.test(words)) {
		return { reason: 'authentication', message: 'The API key holds characters that no HTTP header can carry' };
	}
	const code = chain.map((cause) => wordOf(cause, 'code')).find((found) => found !== undefined);
	return network(`The connection to ${host} failed${code === undefined ? '' : ` (${code})`}`);
}

/** Tells the user which setting to change if n8n's SSRF protection blocks an address. */
export function ssrfMessage(host: string): string {
	return `n8n's SSRF protection refuses ${host}. To allow it, add it to N8N_SSRF_ALLOWED_HOSTNAMES or N8N_SSRF_ALLOWED_IP_RANGES`;
}

function diagnosisOf(code: string, host: string): Diagnosis | undefined {
	switch (code) {
		case 'ECONNREFUSED':
			return network(`${host} refuses the connection: is the server running?`);
		case 'ENOTFOUND':
			return network(`${host} is not a known host name`);
		case 'EAI_AGAIN':
			return network(`The name ${host} cannot be looked up right now`);
		case 'UND_ERR_CONNECT_TIMEOUT':
		case 'ETIMEDOUT':
			return network(`${host} does not answer: no connection could be opened`);
		case 'EHOSTUNREACH':
		case 'ENETUNREACH':
			return network(`${host} cannot be reached from here (${code})`);
		case 'ECONNRESET':
		case 'EPIPE':
		case 'UND_ERR_SOCKET':
		case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
			return network(`${host} closed the connection before the reply was complete`);
		case 'AbortError':
		case 'TimeoutError':
			return { reason: 'timeout', message: 'The call was ended before the reply was complete' };
		case 'ERR_INVALID_URL':
			return network(`The proxy for ${host} is not a URL: correct HTTP_PROXY, HTTPS_PROXY or ALL_PROXY`);
		case 'UND_ERR_HEADERS_OVERFLOW':
			return { reason: 'bad_response', message: `${host} sent more header than HTTP allows` };
	}
	if (/^Z_|^ERR_BROTLI|^ERR_ZSTD|^ZSTD_|^ERR__ERROR_FORMAT/.test(code)) {
		return { reason: 'bad_response', message: `${host} sent a compressed reply that cannot be unpacked` };
	}
	if (/^HPE_/.test(code)) return network(`${host} does not speak HTTP on this port`);
	if (/^ERR_SSL_|^EPROTO$/.test(code)) {
		return network(`${host} does not speak TLS on this port (${code}): is it http:// instead of https://?`);
	}
	if (/CERT|SIGNATURE|^ERR_TLS_/.test(code)) return network(`The TLS certificate of ${host} is not trusted (${code})`);
	return undefined;
}

function network(message: string): Diagnosis {
	return { reason: 'network', message };
}

/** The error and its causes, innermost last. A connection tried on several addresses has several causes. */
function causes(error: unknown): unknown[] {
	const found: unknown[] = [];
	const open = [error];
	while (open.length > 0 && found.length < 12) {
		const next = open.shift();
		if (next === undefined || next === null || found.includes(next)) continue;
		found.push(next);
		open.push(at(next, 'cause'), ...(asArray(at(next, 'errors')) ?? []));
	}
	return found;
}

/** Reads inherited properties too: a DOMException has its name on its prototype. */
function wordOf(error: unknown, property: 'code' | 'name' | 'message'): string | undefined {
	return typeof error === 'object' && error !== null ? asString(Reflect.get(error, property)) : undefined;
}
