/*
 * Runs in a thread of its own (`schema-checks.ts`): compiles JSON schemas and holds values against them. A schema's
 * pattern or a large answer can keep it busy for minutes, and n8n goes on meanwhile. It imports no other file of this
 * package and loads on its own, so that the tests can start it from its source.
 */
import type { ErrorObject, Logger, Options, ValidateFunction } from 'ajv';

/** What the thread is asked: does this schema compile, and what is wrong with this value? Both are JSON. */
export interface SchemaJob {
	readonly schema: string;
	readonly value?: string;
}

export type SchemaNews =
	/** The schema is compiled; the check begins. */
	| { readonly kind: 'checking' }
	/** The job is done. */
	| {
			readonly kind: 'checked';
			readonly problems: readonly string[];
			/** Of the schema: they check nothing, though they look like some that do. */
			readonly unknownKeywords: readonly UnknownKeyword[];
	  }
	| { readonly kind: 'invalid'; readonly why: string };

export interface UnknownKeyword {
	readonly keyword: string;
	/** What it looks like. */
	readonly meant: string;
}

interface Compiled {
	readonly validate: ValidateFunction;
	readonly unknownKeywords: readonly UnknownKeyword[];
}

/** More would only bury the model that has to correct them. */
const maxProblems = 20;

const maxErrors = 100;

/** Names and allowed values may be as long as the answer or the schema. */
const longestProblem = 300;

const maxKnownSchemas = 50;

const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads');
/**
 * The pattern that is being searched, for whoever waits: its length, then its letters as far as they fit. Length 0:
 * none is.
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

/** What checks values, or why the schema is none. Without `$schema` it may be either draft 2020-12 or draft 7. */
async function compile(schema: Readonly<Record<string, unknown>>): Promise<Compiled | string> {
	const [{ Ajv }, { Ajv2020 }] = await Promise.all([import('ajv'), import('ajv/dist/2020.js')]);
	// An instance of its own for each schema: in a shared one, two schemas with the same $id would meet.
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
	// Unknown keywords are told to the logger, and ignored all the same.
	strictSchema: 'log',
	validateFormats: false,
	// Without it, {} has the property "constructor", and every other name that all objects inherit.
	ownProperties: true,
	code: { regExp: Object.assign(watchedPattern, { code: 'watchedPattern' }), process: keepingFewErrors },
};

/**
 * ajv collects every error there is, which may be millions, and a thread that runs out of memory takes all of n8n
 * along. Beyond the first hundred of each list a 0 is kept in an error's place, because ajv counts on the length of the
 * lists.
 */
function keepingFewErrors(code: string): string {
	return code
		.replace(/vErrors\.push\((err\d+)\)/g, `vErrors.push(vErrors.length < ${maxErrors} ? $1 : 0)`)
		.replace(
			/vErrors\.concat\(([\w.]+)\)/g,
			`vErrors.concat(vErrors.length < ${maxErrors} ? $1.slice(0, ${maxErrors}) : 0)`,
		);
}

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

/** Keywords that check nothing, so that it is no matter what they are called. */
const annotations = /^(?:title|description|default|deprecated|readOnly|writeOnly|examples|format|content.*|\$.*|id)$/;

/** What ajv said of unknown keywords, as far as they look like one that checks something. */
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

/** Letters to insert, delete, replace or swap with their neighbour until one word is the other. */
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
