import type { Completion } from './completion';
import type { Failure, FailureReason } from './failure';
import { deepestJson, isTextDeeperThan } from './json-depth';
import type { Conversation, OutputFormat, ToolCall } from './conversation';

/** An answer that passed all checks, or the failure that says which check it did not pass. */
export type CheckedAnswer =
	{ readonly kind: 'accepted'; readonly completion: Completion; readonly output: unknown } | Failure;

/**
 * Validates JSON text against a schema. Resolves with one message per violation, none when the text is valid. `cancel`
 * aborts a slow validation.
 */
export type SchemaProblems = (json: string, cancel?: AbortSignal) => Promise<readonly string[]>;

/** What an answer is checked against. */
export interface Expected {
	readonly content: Pick<Conversation, 'output' | 'tools' | 'toolChoice'>;
	/** Validates the answer when JSON schema output is requested. */
	readonly schemaProblems?: SchemaProblems;
	/** Validates the arguments of tool calls, by tool name. A tool without an entry accepts any JSON object. */
	readonly argumentProblems?: ReadonlyMap<string, SchemaProblems>;
	readonly cancel?: AbortSignal;
}

/** The expectations for a single prompt: no tools. */
export function expectedOf(output: OutputFormat, schemaProblems?: SchemaProblems): Expected {
	const content = { output, tools: [], toolChoice: { kind: 'auto' } } as const;
	return { content, ...(schemaProblems !== undefined && { schemaProblems }) };
}

/**
 * Decides whether a completion is a complete, usable answer. Empty, truncated, refused or malformed ones become
 * failures that keep the completion as a draft for the human.
 */
export async function checkAnswer(completion: Completion, expected: Expected): Promise<CheckedAnswer> {
	const unfinished = whyUnfinished(completion);
	if (unfinished !== undefined) return rejected(completion, ...unfinished);
	const { content, schemaProblems, cancel } = expected;
	if (hasToolCalls(completion)) return await checkToolCalls(completion, expected);
	if (completion.finishReason === 'tool_calls') {
		return rejected(completion, 'bad_response', 'The model says that it calls a tool, and names none');
	}
	if (content.toolChoice.kind === 'required' || content.toolChoice.kind === 'tool') {
		return misfit(completion, 'The answer calls no tool', [`The answer must be a call of ${toolWanted(content)}`]);
	}
	if (completion.text.trim() === '') return rejected(completion, 'empty_output', 'The answer holds no text');
	if (isWrittenCall(completion.text, content)) {
		return misfit(completion, 'The answer is a tool call written as text', ['Call the tool, do not write of it']);
	}
	if (content.output.kind === 'text') return { kind: 'accepted', completion, output: completion.text };
	const { kind } = content.output;
	return await checkJson(completion, async (json) =>
		kind === 'jsonSchema' ? ((await schemaProblems?.(json, cancel)) ?? []) : [],
	);
}

/**
 * Matches the beginning of a tool call that a model wrote into its text, as small models do, instead of calling the
 * tool. Such an answer is rejected: the tool would not run, and users would read raw JSON.
 */
const writtenCall = /^(?:```(?:json)?)?[\s[{]{1,20}"(?:name|function|tool)"\s{0,5}:\s{0,5}"([^"]{1,100})"/;

function isWrittenCall(text: string, { tools }: Expected['content']): boolean {
	const name = writtenCall.exec(text.trimStart().slice(0, 300))?.[1];
	return tools.some((tool) => tool.name === name);
}

function toolWanted({ toolChoice }: Expected['content']): string {
	return toolChoice.kind === 'tool' ? `the tool "${toolChoice.name}"` : 'a tool';
}

function hasToolCalls({ toolCalls = [] }: Completion): boolean {
	return toolCalls.length > 0;
}

async function checkToolCalls(completion: Completion, expected: Expected): Promise<CheckedAnswer> {
	const problems = await Promise.all(
		(completion.toolCalls ?? []).map(async (call) => await callProblems(call, expected)),
	);
	const [problem, ...more] = problems.flat();
	if (problem === undefined) return { kind: 'accepted', completion, output: completion.text };
	return misfit(completion, 'A tool call does not fit the tools on offer', [problem, ...more]);
}

async function callProblems({ name, argumentsText }: ToolCall, expected: Expected): Promise<readonly string[]> {
	const { content, argumentProblems, cancel } = expected;
	const shown = JSON.stringify(name.slice(0, 100));
	if (content.toolChoice.kind === 'none') return ['No tool may be called in this answer'];
	if (content.toolChoice.kind === 'tool' && content.toolChoice.name !== name) {
		return [`The answer must be a call of ${toolWanted(content)}, not of ${shown}`];
	}
	if (!content.tools.some((tool) => tool.name === name)) return [`There is no tool named ${shown}`];
	const parsed = parse(argumentsText);
	if (parsed.kind === 'invalid' || !isObject(parsed.value)) {
		return [`The arguments for ${shown} must be one JSON object`];
	}
	if (isTextDeeperThan(deepestJson, parsed.json)) {
		return [`The arguments for ${shown} are nested more than ${deepestJson} levels deep`];
	}
	const found = await (argumentProblems?.get(name)?.(parsed.json, cancel) ?? Promise.resolve([])).catch(() => [
		'they could not be held against their JSON schema',
	]);
	return found.map((problem) => `The arguments for ${shown}: ${problem}`);
}

function isObject(value: unknown): boolean {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function whyUnfinished({ finishReason, finishDetail, usage, text }: Completion): [FailureReason, string] | undefined {
	const detail = finishDetail === undefined ? '' : ` (${finishDetail})`;
	switch (finishReason) {
		case 'stop':
		case 'tool_calls':
			return undefined;
		case 'length':
			return text.trim() === '' && (usage?.reasoningTokens ?? 0) > 0
				? ['truncated', 'Reasoning used up the whole output limit']
				: ['truncated', 'The output limit cut the answer off'];
		case 'context_window':
			return ['context_too_long', 'Prompt and answer together do not fit the context window'];
		case 'content_filter':
			return ['content_blocked', `The model or its safety filter declined to answer${detail}`];
		case 'other':
			return ['bad_response', `The model stopped without finishing${detail}`];
	}
}

async function checkJson(completion: Completion, schemaProblems: SchemaProblems): Promise<CheckedAnswer> {
	const parsed = parseJson(completion.text);
	if (parsed.kind === 'invalid') return misfit(completion, 'The answer is not valid JSON', [notJson]);
	if (isTextDeeperThan(deepestJson, parsed.json)) {
		const tooDeep = `The answer is nested more than ${deepestJson} levels deep`;
		return misfit(completion, tooDeep, [tooDeep]);
	}
	const problems = await schemaProblems(parsed.json).catch(() => [
		'The answer could not be held against the JSON schema',
	]);
	if (problems.length === 0) return { kind: 'accepted', completion, output: parsed.value };
	return misfit(completion, 'The answer does not fit the JSON schema', problems);
}

function misfit(completion: Completion, message: string, problems: readonly string[]): Failure {
	return { ...rejected(completion, 'invalid_output', message), problems };
}

/** Used in place of V8's own message, which quotes the text it could not parse: model output, possibly long. */
const notJson = 'The answer must be one JSON value and nothing else; it could not be parsed as JSON';

type Parsed =
	| { readonly kind: 'valid'; readonly value: unknown; /** The text that was parsed. */ readonly json: string }
	| { readonly kind: 'invalid' };

function parseJson(text: string): Parsed {
	const bare = parse(text);
	const fenced = bare.kind === 'valid' ? undefined : insideFence(text);
	return fenced === undefined ? bare : parse(fenced);
}

/**
 * The content of the first Markdown code fence. Models often wrap JSON in one, with or without text around it.
 * Undefined: there is no complete fence.
 */
function insideFence(text: string): string | undefined {
	const opening = /```(?:json)?[ \t]*\r?\n/i.exec(text);
	if (opening === null) return undefined;
	const begin = opening.index + opening[0].length;
	const end = text.indexOf('```', begin);
	return end < 0 ? undefined : text.slice(begin, end);
}

function parse(text: string): Parsed {
	const json = text.replace(/^\uFEFF/, '');
	try {
		return { kind: 'valid', value: JSON.parse(json), json };
	} catch {
		return { kind: 'invalid' };
	}
}

function rejected(completion: Completion, reason: FailureReason, message: string): Failure {
	return {
		kind: 'failure',
		reason,
		message,
		model: completion.model,
		...(completion.requestId !== undefined && { requestId: completion.requestId }),
		...(completion.usage !== undefined && { usage: completion.usage }),
		...((completion.text.trim() !== '' || hasToolCalls(completion)) && { draft: completion }),
	};
}
