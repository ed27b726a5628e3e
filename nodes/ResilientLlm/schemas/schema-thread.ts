/*
 * Runs in a worker thread (see `schema-checks.ts`): compiles JSON schemas and validates values. A pattern in a schema
 * or a large answer can keep the thread busy for minutes; n8n's event loop is not blocked meanwhile. Imports no other
 * file of this package, so that the tests can start it from its source.
 */
import type { ErrorObject, Logger, Options, ValidateFunction } from 'ajv';

/** A job for the thread: compile this schema, and validate this value against it, if there is one. Both are JSON. */
export interface SchemaJob {
	readonly schema: string;
	readonly value?: string;
}

export type SchemaNews =
	/** The schema is compiled, and validating the value begins: the time limit of the check starts now. */
	| { readonly kind: 'checking' }
	/** The job is done. */
	| {
			readonly kind: 'checked';
			readonly problems: readonly string[];
			/** Unknown keywords in the schema that resemble a known one. */
			readonly unknownKeywords: readonly UnknownKeyword[];
	  }
	| { readonly kind: 'invalid'; readonly why: string };

export interface UnknownKeyword {
	readonly keyword: string;
	/** The known keyword that it resembles. */
	readonly meant: string;
}

interface Compiled {
	readonly validate: ValidateFunction;
	readonly unknownKeywords: readonly UnknownKeyword[];
}

/** The problems are sent back to the model for correction; a longer list does not help it. */
const maxProblems = 20;

const maxErrors = 100;

/** In characters. A problem quotes names and allowed values, which may be as long as the answer or the schema. */
const longestProblem = 300;

const maxKnownSchemas = 50;

const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads');
/**
 * Shared memory that tells the main thread which pattern is being matched: its length, then its UTF-16 code units as
 * far as they fit. Length 0: none.
 */
const searched = workerData as Uint16Array;
const known = new Map<string, Compiled>();

parentPort?.on('message', (job: SchemaJob) => {
	work(job).then(
		(news) => parentPort.postMessage(news),
		(error: unknown) => parentPort.postMessage(tell({ kind: 'invalid', why: messageOf(error) })),
	);
});

async function work({ schema, value }: SchemaJob): Promise<SchemaNews> {
	const compiled = known.get(schema) ?? (await compile(JSON.parse(schema) as Readonly<Record<string, unknown>>));
	if (typeof compiled === 'string') return tell({ kind: 'invalid', why: compiled });
	remember(schema, compiled);
	const { validate, unknownKeywords } = compiled;
	if (value === undefined) return tell({ kind: 'checked', problems: [], unknownKeywords });
	parentPort?.postMessage(tell({ kind: 'checking' }));
	return tell({ kind: 'checked', problems: problemsOf(validate, JSON.parse(value)), unknownKeywords });
}

function tell(news: SchemaNews): SchemaNews {
	return news;
}

function remember(schema: string, compiled: Compiled): void {
	known.delete(schema);
	known.set(schema, compiled);
	const [oldest] = known.keys();
	if (known.size > maxKnownSchemas && oldest !== undefined) known.delete(oldest);
}

/**
 * The validator of a schema, or the reason why the schema is not valid. A schema without `$schema` is tried as draft
 * 2020-12, then as draft 7.
 */
async function compile(schema: Readonly<Record<string, unknown>>): Promise<Compiled | string> {
	const [{ Ajv }, { Ajv2020 }] = await Promise.all([import('ajv'), import('ajv/dist/2020.js')]);
	// A new ajv instance for each schema: in a shared one, two schemas with the same $id would conflict.
	const draft7 = (logger: Logger) => new Ajv({ ...ajvOptions, logger });
	const draft2020 = (logger: Logger) => new Ajv2020({ ...ajvOptions, logger });
	const named = JSON.stringify(schema.$schema ?? '');
	const dialects = named === '""' ? [draft2020, draft7] : named.includes('2020-12') ? [draft2020] : [draft7];
	if (!/^"(?:|.*(?:2020-12|draft-07).*)"$/.test(named))
		return `$schema is ${named}; take draft 2020-12 or draft 7, or leave it out`;

	let why = '';
	for (const dialect of dialects) {
		try {
			const told: string[] = [];
			const warn = (message: unknown) => told.length < maxProblems && told.push(String(message));
			const ajv = dialect({ warn, log: () => undefined, error: () => undefined });
			const validate = ajv.compile(schema);
			const unknownKeywords = misspelt(told, Object.keys(ajv.RULES.keywords));
			return whyUseless(validate) ?? { validate, unknownKeywords };
		} catch (error) {
			why = messageOf(error);
		}
	}
	return why.includes('async schema') ? noAsync : why;
}

const noAsync = '$async is not JSON Schema, and with it every answer would pass; take it out';

/** Why a schema that compiles is of no use: its checks never end, or never fail. Undefined when it is fine. */
function whyUseless(validate: ValidateFunction): string | undefined {
	if ('$async' in validate) return noAsync;
	try {
		for (const value of [null, true, 0, '', [], {}]) validate(value);
		return undefined;
	} catch {
		return 'a $ref in it leads back to where it stands, so that a check would never end';
	}
}

/**
 * `format` and unknown keywords are treated as annotations, as the standard prescribes; the JSON modes of the models
 * ignore them too.
 */
const ajvOptions: Options = {
	allErrors: true,
	strict: false,
	// Reports unknown keywords to the logger and otherwise ignores them.
	strictSchema: 'log',
	validateFormats: false,
	// Otherwise inherited names such as "constructor" would count as properties of {}.
	ownProperties: true,
	code: { regExp: Object.assign(watchedPattern, { code: 'watchedPattern' }), process: keepingFewErrors },
};

/**
 * Edits the code that ajv generates, to limit the number of errors. ajv collects all errors, which can be millions, and
 * a worker thread that runs out of memory can take n8n down with it. After the first hundred of each list, 0 is stored
 * instead of an error, because ajv relies on the length of the lists.
 */
function keepingFewErrors(code: string): string {
	return code
		.replace(/vErrors\.push\((err\d+)\)/g, `vErrors.push(vErrors.length < ${maxErrors} ? $1 : 0)`)
		.replace(
			/vErrors\.concat\(([\w.]+)\)/g,
			`vErrors.concat(vErrors.length < ${maxErrors} ? $1.slice(0, ${maxErrors}) : 0)`,
		);
}

/**
 * A regular expression that writes itself into `searched` while it is matching, so that the main thread can name the
 * one that takes too long.
 */
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

/** Keywords that do not restrict values, so that a misspelt one makes no difference. */
const annotations = /^(?:title|description|default|deprecated|readOnly|writeOnly|examples|format|content.*|\$.*|id)$/;

/** The unknown keywords that ajv reported, as far as they resemble a keyword that restricts values. */
function misspelt(told: readonly string[], keywords: readonly string[]): readonly UnknownKeyword[] {
	const checking = keywords.filter((keyword) => keyword.length > 3 && !annotations.test(keyword));
	const unknown = new Set(told.flatMap((message) => /unknown keyword: "(\w{4,30})"/.exec(message)?.[1] ?? []));
	return [...unknown].flatMap((keyword) => {
		const looksLike = (one: string) =>
			editsBetween(one.toLowerCase(), keyword.toLowerCase()) <= (one.length < 8 ? 1 : 2);
		const meant = checking.find(looksLike);
		return meant === undefined ? [] : [{ keyword, meant }];
	});
}

/**
 * Edit distance: how many letters to insert, delete, replace or swap with their neighbour to turn one word into the
 * other.
 */
function editsBetween(one: string, other: string): number {
	const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, column) => column)];
	for (let row = 1; row <= one.length; row += 1) {
		const [above = [], twoAbove = []] = [rows[row - 1], rows[row - 2]];
		const edits = [row];
		for (let column = 1; column <= other.length; column += 1) {
			const isSame = one[row - 1] === other[column - 1];
			const isSwapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
			edits[column] = Math.min(
				(above[column] ?? 0) + 1,
				(edits[column - 1] ?? 0) + 1,
				(above[column - 1] ?? 0) + (isSame ? 0 : 1),
				isSwapped ? (twoAbove[column - 2] ?? 0) + 1 : Infinity,
			);
		}
		rows.push(edits);
	}
	return rows[one.length]?.[other.length] ?? 0;
}
