import { at } from '../json/json-path';
import { asArray, asRecord, asString, parseJson } from '../json/json-reader';

/** What an error reply says, whatever shape its server gave it. Absent parts are empty. */
export interface ErrorBody {
	/** The server's sentence. */
	readonly message: string;
	readonly type: string;
	/** Numbers are written out. */
	readonly code: string;
	/** The parameter the server complains about, in its own spelling. */
	readonly parameter: string;
	/** All words that may name the cause, for a search by pattern. Never shown to anyone. */
	readonly evidence: string;
}

/** What tells the cause is said at the beginning. A server may send 20 MB, and every pattern reads all it is given. */
const longestWord = 10_000;

/** Of a list of problems; more only say the same of other places. */
const mostProblems = 100;

/** Errors inside errors, as gateways pack them; deeper ones are an attack on the stack. */
const deepest = 4;

/**
 * Reads `{error: {message, type, code, param}}`, `{error: "text"}`, `{message, type, code}`, `{detail: "text"}`,
 * FastAPI's `{detail: [{loc, msg}]}`, any of these in a list or as `message`, and what OpenRouter puts into
 * `error.metadata.raw`. Undefined when the JSON reports no error.
 */
export function readErrorBody(json: unknown, depth = 0): ErrorBody | undefined {
	if (depth > deepest) return undefined;
	const body = Array.isArray(json) ? at(json, 0) : json;
	const problems = asArray(at(body, 'detail'));
	if (problems !== undefined && problems.length > 0) return readValidationProblems(problems);

	const text = asString(at(body, 'error')) || asString(at(body, 'detail'));
	if (text) return readErrorBody(parseJson(text), depth + 1) ?? readError({ ...asRecord(body), message: text }, depth);

	const nested = asRecord(at(body, 'error')) ?? asRecord(at(body, 'detail'));
	if (nested !== undefined) return readError(nested, depth);
	const wrapped = asRecord(at(body, 'message'));
	if (wrapped !== undefined) return readErrorBody(wrapped, depth + 1);
	const saysError =
		at(body, 'object') === 'error' || at(body, 'type') === 'error' || asString(at(body, 'message')) !== undefined;
	return saysError ? readError(body, depth) : undefined;
}

function readError(error: unknown, depth: number): ErrorBody {
	const raw = asString(at(error, 'metadata', 'raw'))?.slice(0, longestWord);
	const upstream = raw === undefined ? undefined : readErrorBody(parseJson(raw), depth + 1);
	const said = word(error, 'message') || word(error, 'msg') || word(error, 'error');
	const message = [said, upstream?.message].filter(Boolean).join(': ');
	const type = word(error, 'type') || word(error, 'status') || word(error, 'error_type');
	const code = word(error, 'code') || word(error, 'error_code');
	const parameter = word(error, 'param') || (upstream?.parameter ?? '');
	return { message, type, code, parameter, evidence: [message, type, code, raw].filter(Boolean).join(' ') };
}

function readValidationProblems(problems: readonly unknown[]): ErrorBody {
	const read = problems.slice(0, mostProblems).map((problem) => {
		const parts = asArray(at(problem, 'loc'))
			?.slice(0, mostProblems)
			.filter((part) => part !== 'body');
		const place = parts?.join('.').slice(0, longestWord);
		const said = asString(problem)?.slice(0, longestWord) ?? word(problem, 'msg');
		return { place, line: [place, said].filter(Boolean).join(': '), type: word(problem, 'type') };
	});
	const message = read
		.map(({ line }) => line)
		.join('; ')
		.slice(0, longestWord);
	const { type = '', place: parameter = '' } = read[0] ?? {};
	return { message, type, code: '', parameter, evidence: `${message} ${type}` };
}

function word(value: unknown, key: string): string {
	const found = at(value, key);
	return typeof found === 'number' ? String(found) : (asString(found) ?? '').slice(0, longestWord);
}
