import type { SchemaProblems } from '../engine/answer-check';
import { deepestJson, isDeeperThan } from '../engine/json-depth';
import { createSchemaChecks } from './schema-checks';
import type { UnknownKeyword } from './schema-thread';

export interface ValidSchema {
	readonly kind: 'compiled';
	readonly problems: SchemaProblems;
	/** Keywords that check nothing and look as if they were meant to, with what is probably meant. */
	readonly unknownKeywords: readonly UnknownKeyword[];
}

export type CompiledSchema = ValidSchema | { readonly kind: 'invalid'; readonly why: string };

const checks = createSchemaChecks();

/**
 * Compiles a JSON schema. Without `$schema` it may be either draft 2020-12 or draft 7. Nothing is ever fetched: a
 * `$ref` to somewhere else makes it invalid.
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

/** Characters. A model's whole output limit is below; what JSON is parsed to takes twenty times as much memory. */
const longestValue = 5_000_000;

async function problemsOf(schema: string, value: string, cancel?: AbortSignal): Promise<readonly string[]> {
	if (value.length > longestValue) return [`The value is longer than ${longestValue} characters`];
	const report = await checks.run({ schema, value }, cancel);
	return report.kind === 'checked' ? report.problems : [`The value cannot be held against the schema: ${report.why}`];
}
