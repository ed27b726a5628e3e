/*
 * Runs in a thread of its own (`schema-checks.ts`): compiles JSON schemas and holds values against them. A schema's
 * pattern or a large answer can keep it busy for minutes, and n8n goes on meanwhile. It imports no other file of this
 * package and loads on its own, so that the tests can start it from its source.
 */
import type { ErrorObject, Options, ValidateFunction } from 'ajv';

/** What the thread is asked: does this schema compile, and what is wrong with this value? Both are JSON. */
export interface SchemaJob {
	readonly schema: string;
	readonly value?: string;
}

export type SchemaNews =
	/** The schema is compiled; the check begins. */
	| { readonly kind: 'checking' }
	/** The job is done. */
	| { readonly kind: 'checked'; readonly problems: readonly string[] }
	| { readonly kind: 'invalid'; readonly why: string };

/** More would only bury the model that has to correct them. */
const maxProblems = 20;

/** Names and allowed values may be as long as the answer or the schema. */
const longestProblem = 300;

const maxKnownSchemas = 50;

const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads');
/**
 * The pattern that is being searched, for whoever waits: its length, then its letters as far as they fit. Length 0:
 * none is.
 */
const searched = workerData as Uint16Array;
const known = new Map<string, ValidateFunction>();

parentPort?.on('message', (job: SchemaJob) => {
	work(job).then(
		(news) => parentPort.postMessage(news),
		(error: unknown) => parentPort.postMessage(tell({ kind: 'invalid', why: messageOf(error) })),
	);
});

async function work({ schema, value }: SchemaJob): Promise<SchemaNews> {
	const validate = known.get(schema) ?? (await compile(JSON.parse(schema) as Readonly<Record<string, unknown>>));
	if (typeof validate === 'string') return tell({ kind: 'invalid', why: validate });
	remember(schema, validate);
	if (value === undefined) return tell({ kind: 'checked', problems: [] });
	parentPort?.postMessage(tell({ kind: 'checking' }));
	return tell({ kind: 'checked', problems: problemsOf(validate, JSON.parse(value)) });
}

function tell(news: SchemaNews): SchemaNews {
	return news;
}

function remember(schema: string, validate: ValidateFunction): void {
	known.delete(schema);
	known.set(schema, validate);
	const [oldest] = known.keys();
	if (known.size > maxKnownSchemas && oldest !== undefined) known.delete(oldest);
}

/**
 * A function that checks values, or why the schema is none. Without `$schema` it may be either draft 2020-12 or draft
 * 7.
 */
async function compile(schema: Readonly<Record<string, unknown>>): Promise<ValidateFunction | string> {
	const [{ Ajv }, { Ajv2020 }] = await Promise.all([import('ajv'), import('ajv/dist/2020.js')]);
	// An instance of its own for each schema: in a shared one, two schemas with the same $id would meet.
	const draft7 = () => new Ajv(ajvOptions);
	const draft2020 = () => new Ajv2020(ajvOptions);
	const named = JSON.stringify(schema.$schema ?? '');
	const dialects = named === '""' ? [draft2020, draft7] : named.includes('2020-12') ? [draft2020] : [draft7];
	if (!/^"(?:|.*(?:2020-12|draft-07).*)"$/.test(named))
		return `$schema is ${named}; take draft 2020-12 or draft 7, or leave it out`;

	let why = '';
	for (const dialect of dialects) {
		try {
			const validate = dialect().compile(schema);
			return whyUseless(validate) ?? validate;
		} catch (error) {
			why = messageOf(error);
		}
	}
	return why.includes('async schema') ? noAsync : why;
}

const noAsync = '$async is not JSON Schema, and with it every answer would pass; take it out';

/** Schemas that compile, but with which no check ever ends or fails. */
function whyUseless(validate: ValidateFunction): string | undefined {
	if ('$async' in validate) return noAsync;
	try {
		for (const value of [null, true, 0, '', [], {}]) validate(value);
		return undefined;
	} catch {
		return 'a $ref in it leads back to where it stands, so that a check would never end';
	}
}

/** `format` and unknown keywords are annotations, as the standard has it: models' own JSON modes ignore them too. */
const ajvOptions: Options = {
	allErrors: true,
	strict: false,
	validateFormats: false,
	logger: false,
	// Without it, {} has the property "constructor", and every other name that all objects inherit.
	ownProperties: true,
	code: { regExp: Object.assign(watchedPattern, { code: 'watchedPattern' }) },
};

/** A pattern that says when it is being searched, so that the one which takes too long can be named. */
function watchedPattern(pattern: string, flags: string) {
	const regExp = new RegExp(pattern, flags);
	const letters = pattern.slice(0, searched.length - 1);
	const name = Uint16Array.from([letters.length, ...Array.from(letters, (_, at) => letters.charCodeAt(at))]);
	return {
		test(text: string) {
			searched.set(name);
			const found = regExp.test(text);
			searched[0] = 0;
			return found;
		},
		toString: () => String(regExp),
	};
}

function problemsOf(validate: ValidateFunction, value: unknown): readonly string[] {
	return validate(value) ? [] : (validate.errors ?? []).slice(0, maxProblems).map(inWords).map(shortened);
}

function inWords({ instancePath, message, keyword, params }: ErrorObject): string {
	const where = instancePath === '' ? 'The value' : `The value at ${instancePath.slice(0, longestProblem / 2)}`;
	return `${where} ${message ?? `fails "${keyword}"`}${detail(keyword, params)}`;
}

function detail(keyword: string, params: Readonly<Record<string, unknown>>): string {
	if (keyword === 'additionalProperties') return `: "${String(params.additionalProperty)}" is not allowed`;
	if (keyword === 'enum') return `: ${JSON.stringify(params.allowedValues)}`;
	if (keyword === 'const') return `: ${JSON.stringify(params.allowedValue)}`;
	return '';
}

function shortened(problem: string): string {
	return problem.length > longestProblem
		? `${problem.slice(0, longestProblem).replace(/[\uD800-\uDBFF]$/, '')}…`
		: problem;
}

function messageOf(error: unknown): string {
	return shortened(error instanceof Error ? error.message : String(error));
}
