import { at } from '../json/json-path';
import { asArray, asString, parseJson } from '../json/json-reader';

/** An error reported by a server: an HTTP reply, or what `reportedErrorOf` found in an error thrown by a library. */
export interface ReportedError {
	readonly status: number;
	readonly headers: { get(name: string): string | null };
	readonly text: string;
	/** Undefined if the body is not JSON. */
	readonly json: unknown;
}

export interface ThrownError extends ReportedError {
	/** Undefined if the error names no HTTP status. Then `status` is 200, as for an error inside a successful reply. */
	readonly httpStatus: number | undefined;
}

/** How many nested errors are read. The limit protects against maliciously deep nesting. */
const mostErrors = 12;

/**
 * The server's error, read from an error object of a vendor's SDK, LangChain, the AWS SDK or n8n, however deeply it is
 * wrapped. Undefined if the error holds no server reply: then the connection broke or the code failed.
 */
export function reportedErrorOf(thrown: unknown): ThrownError | undefined {
	const errors = withCauses(thrown);
	const body = errors.map(bodyOf).find((found) => found !== undefined);
	const httpStatus = errors.map(statusIn).find((found) => found !== undefined);
	if (body === undefined && httpStatus === undefined) return undefined;
	const headers = errors.map(headersOf).find((found) => found !== undefined) ?? noHeaders;
	const said = errors.map((error) => textAt(error, 'message')).findLast((found) => found !== '') ?? '';
	const json = body ?? { error: { message: said } };
	return { status: httpStatus ?? 200, httpStatus, headers, text: said, json };
}

/** The reply body that the SDK stored on the error, or else the code and type that it copied onto the error. */
function bodyOf(error: unknown): unknown {
	for (const kept of [at(error, 'error'), at(error, 'body'), at(error, 'response', 'data')]) {
		const json = typeof kept === 'string' ? (parseJson(kept) ?? { error: kept }) : kept;
		if (typeof json === 'object' && json !== null) return at(json, 'error') === undefined ? { error: json } : json;
	}
	const [code, type] = [wordAt(error, 'code'), wordAt(error, 'type')];
	const isSystemCode = /^(?:E[A-Z]+|ABORT_ERR|UND_ERR_\w+|ERR_\w+)$/.test(code);
	if (type === '' && (code === '' || isSystemCode)) return undefined;
	return { error: { message: textAt(error, 'message'), code: isSystemCode ? '' : code, type } };
}

function statusIn(error: unknown): number | undefined {
	const places = [
		at(error, 'status'),
		at(error, 'statusCode'),
		at(error, 'status_code'),
		at(error, '$metadata', 'httpStatusCode'),
		at(error, 'response', 'status'),
		at(error, 'httpCode'),
	];
	return places.map(Number).find((status) => Number.isInteger(status) && status >= 400 && status < 600);
}

const noHeaders = { get: () => null };

function headersOf(error: unknown): ReportedError['headers'] | undefined {
	for (const headers of [at(error, 'headers'), at(error, 'response', 'headers'), at(error, '$response', 'headers')]) {
		if (headers instanceof Headers) return headers;
		if (typeof headers === 'object' && headers !== null) {
			const lower = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), asString(value)]));
			return { get: (name) => lower.get(name.toLowerCase()) ?? null };
		}
	}
	return undefined;
}

/** The error, its cause, the cause of that and so on; the innermost comes last. */
function withCauses(thrown: unknown): readonly unknown[] {
	const found: unknown[] = [];
	const open = [thrown];
	while (open.length > 0 && found.length < mostErrors) {
		const next = open.shift();
		if (typeof next !== 'object' || next === null || found.includes(next)) continue;
		found.push(next);
		open.push(at(next, 'cause'), ...(asArray(at(next, 'errors')) ?? []));
	}
	return found;
}

function wordAt(error: unknown, key: string): string {
	const word = at(error, key);
	return typeof word === 'number' ? String(word) : (asString(word) ?? '');
}

/** Reads inherited properties too: some error classes define their message on the prototype. */
function textAt(error: unknown, key: string): string {
	return typeof error === 'object' && error !== null ? (asString(Reflect.get(error, key)) ?? '') : '';
}
