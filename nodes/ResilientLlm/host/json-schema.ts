import type { ErrorObject, Options, ValidateFunction } from 'ajv';

import type { SchemaProblems } from '../engine/answer-check';

export type CompiledSchema =
	| { readonly kind: 'compiled'; readonly problems: SchemaProblems }
	| { readonly kind: 'invalid'; readonly why: string };

/** More would only bury the model that has to correct them. */
const maxProblems = 20;

/** `format` and unknown keywords are annotations, as the standard has it: models' own JSON modes ignore them too. */
const ajvOptions: Options = { allErrors: true, strict: false, validateFormats: false, logger: false };

/** Compiles a JSON schema. Without `$schema` it may be either draft 2020-12 or draft 7. */
export async function compileSchema(schema: Readonly<Record<string, unknown>>): Promise<CompiledSchema> {
	const [{ Ajv }, { Ajv2020 }] = await Promise.all([import('ajv'), import('ajv/dist/2020')]);
	const draft7 = () => new Ajv(ajvOptions);
	const draft2020 = () => new Ajv2020(ajvOptions);
	const named = String(schema.$schema ?? '');
	const dialects = named === '' ? [draft2020, draft7] : named.includes('2020-12') ? [draft2020] : [draft7];

	let why = '';
	for (const dialect of dialects) {
		try {
			return { kind: 'compiled', problems: problemsOf(dialect().compile({ ...schema })) };
		} catch (error) {
			why = error instanceof Error ? error.message : String(error);
		}
	}
	return { kind: 'invalid', why };
}

function problemsOf(validate: ValidateFunction): SchemaProblems {
	return (value) => (validate(value) ? [] : (validate.errors ?? []).slice(0, maxProblems).map(inWords));
}

function inWords({ instancePath, message, keyword, params }: ErrorObject): string {
	const where = instancePath === '' ? 'The value' : `The value at ${instancePath}`;
	return `${where} ${message ?? `fails "${keyword}"`}${detail(keyword, params)}`;
}

function detail(keyword: string, params: Readonly<Record<string, unknown>>): string {
	if (keyword === 'additionalProperties') return `: "${String(params.additionalProperty)}" is not allowed`;
	if (keyword === 'enum') return `: ${JSON.stringify(params.allowedValues)}`;
	if (keyword === 'const') return `: ${JSON.stringify(params.allowedValue)}`;
	return '';
}
