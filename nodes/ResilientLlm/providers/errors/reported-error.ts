import { at } from '../json/json-path';
import { asArray, asString, parseJson } from '../json/json-reader';

/** An error that a server has reported. An HTTP reply is one; `reportedErrorOf` reads one from what a library threw. */
export interface ReportedError {
	readonly status: number;
	readonly headers: { get(name: string): string | null };
	readonly text: string;
	/** Undefined when the text is not JSON. */
	readonly json: unknown;
}

export interface ThrownError extends ReportedError {
	/** Undefined where the error names none; `status` is then 200, as for an error that comes inside an answer. */
	readonly httpStatus: number | undefined;
}

/** Errors within errors. Deeper ones are an attack on the stack. */
const mostErrors = 12;

/**
 * What a server reported, read from an error object of a vendor's SDK, of LangChain, of the AWS SDK or of n8n, however
 * deep it is wrapped. Undefined when no server has said anything: then the connection broke, or the code did.
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

/** What the server said: the body that an SDK has kept, or the code and type that it wrote onto the error. */
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

/** The error, what caused it, and so on, innermost last. */
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

/** Inherited ones too: some errors keep their message on their prototype. */
function textAt(error: unknown, key: string): string {
	return typeof error === 'object' && error !== null ? (asString(Reflect.get(error, key)) ?? '') : '';
}
