import type { Completion, FinishReason, Usage } from '../../engine/completion';
import type { Tool, ToolCall } from '../../engine/conversation';
import { madeId } from '../conversation/call-ids';
import { ownName } from '../conversation/tool-names';
import { at } from '../json/json-path';
import { asCount, asName, asRecord, asRequestId, asString, otherThan } from '../json/json-reader';
import { callsIn, isSigned, isThought, partsIn, textIn, type GeminiPart } from './parts';
import { toolNameRule } from './tools';

/**
 * Reads the body of a 200. Undefined when it holds neither a candidate, nor a reason why there is none, nor what was
 * billed.
 */
export function fromGeminiReply(
	body: unknown,
	requestedModel: string,
	tools: readonly Tool[] = [],
): Completion | undefined {
	const candidate = asRecord(at(body, 'candidates', 0));
	const blockReason = asString(at(body, 'promptFeedback', 'blockReason'));
	const usage = usageOf(body);
	if (candidate === undefined && blockReason === undefined && usage === undefined) return undefined;

	const finish = vendorWord(candidate === undefined ? blockReason : asString(candidate['finishReason']));
	const parts = partsIn(at(candidate, 'content', 'parts'));
	const toolCalls = toolCallsOf(body, parts, tools);
	const finishReason =
		candidate === undefined && blockReason !== undefined
			? 'content_filter'
			: finishReasonOf(finish, toolCalls.length > 0);
	const requestId = asRequestId(at(body, 'responseId'));
	return {
		kind: 'completion',
		text: textIn(parts),
		...(toolCalls.length > 0 && { toolCalls }),
		...(parts.some(isSigned) && { keepsake: parts.filter(isWorthKeeping) }),
		finishReason,
		...(finishReason !== 'stop' && finishReason !== 'tool_calls' && { finishDetail: finish }),
		...(usage !== undefined && { usage }),
		model: asName(at(body, 'modelVersion')) ?? requestedModel,
		...(requestId !== undefined && { requestId }),
	};
}

/** Older models give their calls no IDs, and an ID that is there twice tells nothing apart. */
function toolCallsOf(body: unknown, parts: readonly GeminiPart[], tools: readonly Tool[]): readonly ToolCall[] {
	const reply = asRequestId(at(body, 'responseId'));
	const promptTokens = asCount(at(body, 'usageMetadata', 'promptTokenCount'));
	const taken = new Set<string>();
	return callsIn(parts).map(({ id: given, name, argumentsText }, index) => {
		const own = asRequestId(given);
		const id = own === undefined || taken.has(own) ? madeId(reply, promptTokens, index, name, argumentsText) : own;
		taken.add(id);
		return { id, name: ownName(name, tools, toolNameRule), argumentsText };
	});
}

/** What says nothing and carries no signature is refused when it comes back. */
function isWorthKeeping(part: GeminiPart): boolean {
	return isSigned(part) || (!isThought(part) && part['text'] !== '');
}

const filtered: ReadonlySet<string> = new Set([
	'SAFETY',
	'RECITATION',
	'BLOCKLIST',
	'PROHIBITED_CONTENT',
	'SPII',
	'LANGUAGE',
	'IMAGE_SAFETY',
	'IMAGE_PROHIBITED_CONTENT',
	'IMAGE_RECITATION',
	'MODEL_ARMOR',
	'JAILBREAK',
]);

/** Gemini has no word of its own for an answer that waits for tools. */
function finishReasonOf(finish: string, callsTools: boolean): FinishReason {
	if (finish === 'STOP') return callsTools ? 'tool_calls' : 'stop';
	if (finish === 'MAX_TOKENS') return 'length';
	return filtered.has(finish) ? 'content_filter' : 'other';
}

/** Goes into the trail, so only what looks like one of the vendor's constants is let through. */
function vendorWord(said: string | undefined): string {
	return said !== undefined && /^[A-Z_]{1,60}$/.test(said) ? said : 'no known finish reason';
}

function usageOf(body: unknown): Usage | undefined {
	const counts = asRecord(at(body, 'usageMetadata'));
	const inputTokens = asCount(counts?.['promptTokenCount']);
	if (inputTokens === undefined) return undefined;
	const reasoningTokens = asCount(counts?.['thoughtsTokenCount']) ?? 0;
	const specialRate = otherThan(['standard', 'STANDARD', 'SERVICE_TIER_STANDARD'], counts?.['serviceTier']);
	return {
		inputTokens,
		// Unlike the other vendors, Gemini counts thoughts beside the candidates, not within them.
		outputTokens: (asCount(counts?.['candidatesTokenCount']) ?? 0) + reasoningTokens,
		cachedInputTokens: Math.min(asCount(counts?.['cachedContentTokenCount']) ?? 0, inputTokens),
		reasoningTokens,
		...(specialRate !== undefined && { specialRate }),
	};
}
