import { checkAnswer, expectedOf, type SchemaProblems } from '../engine/answer-check';
import { deepestJson, isDeeperThan } from '../engine/json-depth';
import type { OutputFormat } from '../engine/conversation';
import type { Json } from '../engine/store/task-record';
import { compileSchema } from '../schemas/json-schema';

/**
 * Whether an answer has the format that the task asks for, and if so its value: parsed where the task asks for JSON.
 */
export type Fit =
	{ readonly kind: 'fits'; readonly output: Json } | { readonly kind: 'misfits'; readonly problems: readonly string[] };

/**
 * Checks a draft or a human's answer by the same rules as a model's answer. Text is parsed where the task asks for
 * JSON.
 */
export async function fitAnswer(answer: unknown, format: OutputFormat): Promise<Fit> {
	const compiled = format.kind === 'jsonSchema' ? await compileSchema(format.schema) : undefined;
	if (compiled?.kind === 'invalid')
		return { kind: 'misfits', problems: [`The task's JSON schema is not valid: ${compiled.why}`] };
	return typeof answer === 'string'
		? await fitText(answer, format, compiled?.problems)
		: await fitValue(answer, format, compiled?.problems);
}

async function fitText(text: string, format: OutputFormat, schemaProblems: SchemaProblems | undefined): Promise<Fit> {
	if (text.trim() === '') return { kind: 'misfits', problems: ['The answer is empty.'] };
	const verdict = await checkAnswer(
		{ kind: 'completion', text, finishReason: 'stop', model: '' },
		expectedOf(format, schemaProblems),
	);
	if (verdict.kind === 'accepted') return { kind: 'fits', output: verdict.output as Json };
	const syntax = jsonSyntaxProblem(text);
	return { kind: 'misfits', problems: syntax === undefined ? (verdict.problems ?? [verdict.message]) : [syntax] };
}

async function fitValue(
	value: unknown,
	format: OutputFormat,
	schemaProblems: SchemaProblems | undefined,
): Promise<Fit> {
	if (value === undefined || value === null) return { kind: 'misfits', problems: ['The answer is empty.'] };
	if (format.kind === 'text')
		return { kind: 'misfits', problems: ['The answer must be text, because the task asks for text.'] };
	if (isDeeperThan(deepestJson, value))
		return { kind: 'misfits', problems: [`The answer is nested more than ${deepestJson} levels deep.`] };
	const problems = (await schemaProblems?.(JSON.stringify(value))) ?? [];
	return problems.length === 0 ? { kind: 'fits', output: value as Json } : { kind: 'misfits', problems };
}

/**
 * Where the text is not valid JSON; undefined when it is valid. V8's own message is not used because it quotes the
 * text, which may be long.
 */
function jsonSyntaxProblem(text: string): string | undefined {
	try {
		JSON.parse(text);
		return undefined;
	} catch (error) {
		const [, line, column] = /\(line (\d+) column (\d+)\)/.exec(String(error)) ?? [];
		const where = line === undefined ? '' : ` It breaks at line ${line}, column ${column}.`;
		return `The answer is not valid JSON.${where}`;
	}
}
