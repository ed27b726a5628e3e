import type { SchemaProblems } from '../engine/answer-check';
import { deepestJson, isDeeperThan } from '../engine/json-depth';
import { createSchemaChecks } from './schema-checks';

export type CompiledSchema =
	{ readonly kind: 'compiled'; readonly problems: SchemaProblems } | { readonly kind: 'invalid'; readonly why: string };

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
			return { kind: 'compiled', problems: async (json, cancel) => await problemsOf(text, json, cancel) };
		case 'invalid':
			return { kind: 'invalid', why: report.why };
		case 'gaveUp':
			return { kind: 'invalid', why: `it cannot be compiled: ${report.why}` };
	}
}

async function problemsOf(schema: string, value: string, cancel?: AbortSignal): Promise<readonly string[]> {
	const report = await checks.run({ schema, value }, cancel);
	return report.kind === 'checked' ? report.problems : [`The value cannot be held against the schema: ${report.why}`];
}
