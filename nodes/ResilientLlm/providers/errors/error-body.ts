import { at } from '../json/json-path';
import { asArray, asRecord, asString, parseJson } from '../json/json-reader';

/** The parts of an error reply, whichever JSON shape the server used. Missing parts are empty strings. */
export interface ErrorBody {
	/** The error message for humans, as the server wrote it. */
	readonly message: string;
	readonly type: string;
	/** The error code. Numeric codes are converted to text. */
	readonly code: string;
	/** The request parameter that the error is about, spelled as the server spelled it. */
	readonly parameter: string;
	/** All texts that may name the cause, for pattern matching. Never shown to users. */
	readonly evidence: string;
}

/**
 * Characters. The cause is named at the beginning, and a reply may be up to 20 MB, which would make every pattern match
 * slow.
 */
const longestWord = 10_000;

/** At most this many entries of a list of validation problems are read; further ones rarely add information. */
const mostProblems = 100;

/** Gateways wrap errors in errors. Deeper nesting is not read, so that a malicious reply cannot overflow the stack. */
const deepest = 4;

/**
 * Reads `{error: {message, type, code, param}}`, `{error: "text"}`, `{message, type, code}`, `{detail: "text"}`,
 * FastAPI's `{detail: [{loc, msg}]}`, any of these inside an array or as JSON text in `message`, and the vendor's error
 * that OpenRouter puts into `error.metadata.raw`. Undefined if the JSON reports no error.
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
