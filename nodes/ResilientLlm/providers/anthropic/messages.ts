import type { Anthropic } from '@anthropic-ai/sdk';

import type { Completion, FinishReason, Usage } from '../../engine/completion';
import { systemTextOf, type Attachment, type Part } from '../../engine/conversation';
import type { CompletionRequest, ModelSettings } from '../../engine/request';
import { turnsOf, type Turn } from '../conversation/turns';
import { at } from '../json/json-path';
import { asArray, asCode, asCount, asName, asString, otherThan } from '../json/json-reader';
import { formatInstruction, joinInstructions } from '../conversation/instructions';

type MessagesRequest = Anthropic.Messages.MessageCreateParamsNonStreaming & { readonly temperature?: number };
type Effort = NonNullable<Anthropic.Messages.OutputConfig['effort']>;

export interface MessagesCall {
	readonly body: MessagesRequest;
	readonly apiVersion: string;
	readonly warnings: readonly string[];
}

/** The version the SDK is written for. It takes no sampling parameters at all. */
const currentVersion = '2026-10-21';

/** The last version that takes a temperature, from the models up to 4.6. */
const versionWithTemperature = '2023-06-01';

/** Models up to this generation take a temperature; models of other vendors behind the same API do as well. */
const takesTemperature = /^claude-(?:instant|\d|(?:haiku|sonnet|opus)-4(?!-[7-9](?!\d)))|^(?!claude-)/;

/** Models before effort came with Opus 4.5 and Sonnet 4.6. */
const takesNoEffort = /^claude-(?:instant|\d|(?:haiku|sonnet)-4-5|(?:sonnet|opus)-4(?:-[01](?!\d)|-\d{8}|$))/;

/**
 * The body of `POST /v1/messages`. `schema` is the output schema in the form the API takes, or undefined to ask for
 * JSON in words: the API has no mode for JSON without a schema.
 */
export function toMessagesCall(
	request: CompletionRequest,
	schema: Readonly<Record<string, unknown>> | undefined,
): MessagesCall {
	const { content, settings } = request;
	const { temperature, effort, warnings } = sampling(request);
	const system = joinInstructions(
		systemTextOf(content),
		schema === undefined ? formatInstruction(content.output) : undefined,
	);
	const outputConfig: Anthropic.Messages.OutputConfig = {
		...(effort !== undefined && { effort }),
		...(schema !== undefined && { format: { type: 'json_schema', schema: { ...schema } } }),
	};
	return {
		body: {
			model: settings.model,
			max_tokens: settings.maxOutputTokens,
			...(system !== '' && { system }),
			messages: turnsOf(content.messages).flatMap(messageOf),
			...(Object.keys(outputConfig).length > 0 && { output_config: outputConfig }),
			...(temperature !== undefined && { temperature }),
		},
		apiVersion: temperature === undefined ? currentVersion : versionWithTemperature,
		warnings,
	};
}

interface Sampling {
	readonly temperature: number | undefined;
	readonly effort: Effort | undefined;
	readonly warnings: readonly string[];
}

function sampling({ settings, dropped }: CompletionRequest): Sampling {
	const wanted: ModelSettings['temperature'] = dropped.includes('temperature') ? undefined : settings.temperature;
	const wantedEffort = dropped.includes('reasoningEffort') ? undefined : settings.reasoningEffort;
	const { model } = settings;
	const warnings: string[] = [];

	let temperature = wanted;
	if (wanted !== undefined && !takesTemperature.test(model)) {
		temperature = undefined;
		warnings.push(`${model} takes no temperature; it was left out`);
	} else if (wanted !== undefined && wanted > 1) {
		temperature = 1;
		warnings.push(`Anthropic takes temperatures up to 1; ${wanted} was sent as 1`);
	}

	let effort: Effort | undefined;
	if (wantedEffort !== undefined && takesNoEffort.test(model)) {
		warnings.push(`${model} takes no reasoning effort; it was left out`);
	} else if (wantedEffort === 'none' || wantedEffort === 'minimal') {
		effort = 'low';
		warnings.push(`Anthropic has no reasoning effort "${wantedEffort}"; "low" was sent`);
	} else {
		effort = wantedEffort;
	}
	return { temperature, effort, warnings };
}

function messageOf(turn: Turn): Anthropic.Messages.MessageParam[] {
	switch (turn.role) {
		case 'user':
			return [{ role: 'user', content: turn.parts.map(partBlock) }];
		case 'assistant':
			return [{ role: 'assistant', content: turn.text }];
		case 'results':
			return [];
	}
}

function partBlock(part: Part): Anthropic.Messages.ContentBlockParam {
	return part.kind === 'text' ? { type: 'text', text: part.text } : attachmentBlock(part);
}

function attachmentBlock({ kind, mimeType, base64, fileName }: Attachment): Anthropic.Messages.ContentBlockParam {
	switch (kind) {
		case 'image':
			return {
				type: 'image',
				source: {
					type: 'base64',
					media_type: mimeType as Anthropic.Messages.Base64ImageSource['media_type'],
					data: base64,
				},
			};
		case 'pdf':
			return {
				type: 'document',
				source: { type: 'base64', media_type: 'application/pdf', data: base64 },
				title: fileName,
			};
	}
}

/** Reads the body of a 200. Undefined when it is no message. */
export function fromMessagesReply(json: unknown, requestedModel: string): Completion | undefined {
	const blocks = asArray(at(json, 'content'));
	if (blocks === undefined) return undefined;
	const word = asCode(at(json, 'stop_reason'));
	const finishReason = finishReasonOf(word);
	const usage = usageOf(at(json, 'usage'));
	const category = asCode(at(json, 'stop_details', 'category'));
	const detail = finishReason === 'content_filter' && category !== undefined ? `refusal: ${category}` : word;
	return {
		kind: 'completion',
		text: finishReason === 'content_filter' ? '' : answerText(blocks),
		finishReason,
		...(finishReason !== 'stop' && detail !== undefined && { finishDetail: detail }),
		...(usage !== undefined && { usage }),
		model: asName(at(json, 'model')) ?? requestedModel,
	};
}

function answerText(blocks: readonly unknown[]): string {
	return blocks.map((block) => (at(block, 'type') === 'text' ? (asString(at(block, 'text')) ?? '') : '')).join('');
}

function finishReasonOf(word: string | undefined): FinishReason {
	switch (word) {
		case 'end_turn':
		case 'stop_sequence':
			return 'stop';
		case 'max_tokens':
			return 'length';
		case 'model_context_window_exceeded':
			return 'context_window';
		case 'refusal':
			return 'content_filter';
		default:
			return 'other';
	}
}

/** Anthropic counts what came from its cache and what went into it beside the input, not in it. */
function usageOf(usage: unknown): Usage | undefined {
	const fresh = asCount(at(usage, 'input_tokens'));
	const outputTokens = asCount(at(usage, 'output_tokens'));
	if (fresh === undefined || outputTokens === undefined) return undefined;
	const cachedInputTokens = asCount(at(usage, 'cache_read_input_tokens')) ?? 0;
	const written = asCount(at(usage, 'cache_creation_input_tokens')) ?? 0;
	const forAnHour = Math.min(asCount(at(usage, 'cache_creation', 'ephemeral_1h_input_tokens')) ?? 0, written);
	const specialRate = specialRateOf(usage);
	return {
		inputTokens: fresh + cachedInputTokens + written,
		outputTokens,
		cachedInputTokens,
		reasoningTokens: asCount(at(usage, 'output_tokens_details', 'thinking_tokens')) ?? 0,
		...(written > 0 && { cacheWriteTokens: written }),
		...(forAnHour > 0 && { hourLongCacheWriteTokens: forAnHour }),
		...(specialRate !== undefined && { specialRate }),
	};
}

/** A workspace may set a tier, a speed or a region for all its calls, each with a price of its own. */
function specialRateOf(usage: unknown): string | undefined {
	return (
		otherThan(['standard'], at(usage, 'service_tier')) ??
		otherThan(['standard'], at(usage, 'speed')) ??
		otherThan(['global', 'not_available'], at(usage, 'inference_geo'))
	);
}
