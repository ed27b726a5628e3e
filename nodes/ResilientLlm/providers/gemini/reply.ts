import type { Completion, FinishReason, Usage } from '../../engine/completion';
import type { Tool, ToolCall } from '../../engine/conversation';
import { madeId } from '../conversation/call-ids';
import { ownName } from '../conversation/tool-names';
import { at } from '../json/json-path';
import { asCount, asName, asRecord, asRequestId, asString, otherThan } from '../json/json-reader';
import { callsIn, isSigned, isThought, partsIn, textIn, type GeminiPart } from './parts';
import { toolNameRule } from './tools';

/**
 * Reads the body of a reply with status 200. Undefined if it has no candidate, no reason for a missing candidate, and
 * no token usage.
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

/** The tool calls. Calls without an ID (older models) or with a repeated one get an ID derived from the reply. */
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

/**
 * Whether a part can go into the keepsake, the data that is sent back to the model with the next request. The API
 * rejects parts that have neither content nor a signature.
 */
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

/** Gemini reports `STOP` also for an answer that waits for tool results. */
function finishReasonOf(finish: string, callsTools: boolean): FinishReason {
	if (finish === 'STOP') return callsTools ? 'tool_calls' : 'stop';
	if (finish === 'MAX_TOKENS') return 'length';
	return filtered.has(finish) ? 'content_filter' : 'other';
}

/**
 * The vendor's finish reason for the trail, the stored record of attempts. Only a constant such as `SAFETY` is let
 * through, so that no other server text gets there.
 */
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
		// Unlike other vendors, Gemini does not include thought tokens in the output tokens, so they are added here.
		outputTokens: (asCount(counts?.['candidatesTokenCount']) ?? 0) + reasoningTokens,
		cachedInputTokens: Math.min(asCount(counts?.['cachedContentTokenCount']) ?? 0, inputTokens),
		reasoningTokens,
		...(specialRate !== undefined && { specialRate }),
	};
}
