import type { Completion } from './completion';
import type { Failure, FailureReason } from './failure';
import type { OutputFormat } from './request';

/** An answer that may leave the chain, or the reason why it may not. */
export type Verdict = { readonly kind: 'accepted'; readonly completion: Completion; readonly output: unknown } | Failure;

/** Every way in which a parsed answer misses the schema, in words; empty when it fits. */
export type SchemaProblems = (value: unknown) => readonly string[];

/**
 * Decides whether a completion is a whole answer. Empty, cut, refused or malformed ones become failures that keep the
 * completion as a draft for the human.
 */
export function checkAnswer(completion: Completion, format: OutputFormat, schemaProblems?: SchemaProblems): Verdict {
	const unfinished = whyUnfinished(completion);
	if (unfinished !== undefined) return rejected(completion, ...unfinished);
	if (completion.text.trim() === '') return rejected(completion, 'empty_output', 'The answer holds no text');
	if (format.kind === 'text') return { kind: 'accepted', completion, output: completion.text };
	return checkJson(completion, format.kind === 'jsonSchema' ? schemaProblems : undefined);
}

function whyUnfinished({ finishReason, finishDetail, usage, text }: Completion): [FailureReason, string] | undefined {
	const detail = finishDetail === undefined ? '' : ` (${finishDetail})`;
	switch (finishReason) {
		case 'stop':
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

function checkJson(completion: Completion, schemaProblems: SchemaProblems | undefined): Verdict {
	const parsed = parseJson(completion.text);
	const problems = parsed.kind === 'invalid' ? [parsed.problem] : (schemaProblems?.(parsed.value) ?? []);
	if (parsed.kind === 'valid' && problems.length === 0) return { kind: 'accepted', completion, output: parsed.value };
	const what = parsed.kind === 'invalid' ? 'is not valid JSON' : 'does not fit the JSON schema';
	return { ...rejected(completion, 'invalid_output', `The answer ${what}`), problems };
}

type Parsed = { readonly kind: 'valid'; readonly value: unknown } | { readonly kind: 'invalid'; readonly problem: string };

/** Models like to wrap JSON in a Markdown code fence, with or without words around it. */
function parseJson(text: string): Parsed {
	const bare = parse(text);
	const fenced = /```(?:json|JSON)?[ \t]*\r?\n([\s\S]*?)\r?\n?[ \t]*```/.exec(text)?.[1];
	if (bare.kind === 'valid' || fenced === undefined) return bare;
	const inside = parse(fenced);
	return inside.kind === 'valid' ? inside : bare;
}

function parse(text: string): Parsed {
	try {
		return { kind: 'valid', value: JSON.parse(text.replace(/^\uFEFF/, '')) };
	} catch {
		// V8's message quotes the text it could not read, which is model output and may be long.
		return { kind: 'invalid', problem: 'The answer must be one JSON value and nothing else; it could not be parsed as JSON' };
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
		...(completion.text.trim() !== '' && { draft: completion }),
	};
}
