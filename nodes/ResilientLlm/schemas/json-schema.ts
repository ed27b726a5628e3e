import type { SchemaProblems } from '../engine/answer-check';
import { deepestJson, isDeeperThan } from '../engine/json-depth';
import { createSchemaChecks } from './schema-checks';
import type { UnknownKeyword } from './schema-thread';

export interface ValidSchema {
	readonly kind: 'compiled';
	readonly problems: SchemaProblems;
	/** Keywords that JSON Schema does not know but that resemble one it knows, with the one that is probably meant. */
	readonly unknownKeywords: readonly UnknownKeyword[];
}

export type CompiledSchema = ValidSchema | { readonly kind: 'invalid'; readonly why: string };

const checks = createSchemaChecks();

/**
 * Compiles a JSON schema. A schema without `$schema` is tried as draft 2020-12, then as draft 7. Nothing is ever
 * fetched: a `$ref` to another document makes the schema invalid. Never rejects: a schema that cannot be used gives
 * `invalid`.
 */
export async function compileSchema(schema: Readonly<Record<string, unknown>>): Promise<CompiledSchema> {
	if (isDeeperThan(deepestJson, schema))
		return { kind: 'invalid', why: `it is nested more than ${deepestJson} levels deep` };
	const text = JSON.stringify(schema);
	const report = await checks.run({ schema: text });
	switch (report.kind) {
		case 'checked':
			return {
				kind: 'compiled',
				problems: async (json, cancel) => await problemsOf(text, json, cancel),
				unknownKeywords: report.unknownKeywords,
			};
		case 'invalid':
			return { kind: 'invalid', why: report.why };
		case 'gaveUp':
			return { kind: 'invalid', why: `it cannot be compiled: ${report.why}` };
	}
}

/** In characters. No model's output limit is this high; parsed JSON takes twenty times as much memory as its text. */
const longestValue = 5_000_000;

async function problemsOf(schema: string, value: string, cancel?: AbortSignal): Promise<readonly string[]> {
	if (value.length > longestValue) return [`The value is longer than ${longestValue} characters`];
	const report = await checks.run({ schema, value }, cancel);
	return report.kind === 'checked' ? report.problems : [`The value cannot be held against the schema: ${report.why}`];
}
