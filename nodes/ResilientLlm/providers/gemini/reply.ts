import type { Completion, FinishReason, Usage } from '../../engine/completion';
import { at } from '../json/json-path';
import { asArray, asCount, asName, asRecord, asRequestId, asString, otherThan } from '../json/json-reader';

/**
 * Reads the body of a 200. Undefined when it holds neither a candidate, nor a reason why there is none, nor what was
 * billed.
 */
export function fromGeminiReply(body: unknown, requestedModel: string): Completion | undefined {
	const candidate = asRecord(at(body, 'candidates', 0));
	const blockReason = asString(at(body, 'promptFeedback', 'blockReason'));
	const usage = usageOf(body);
	if (candidate === undefined && blockReason === undefined && usage === undefined) return undefined;

	const finish = vendorWord(candidate === undefined ? blockReason : asString(candidate['finishReason']));
	const finishReason = candidate === undefined && blockReason !== undefined ? 'content_filter' : finishReasonOf(finish);
	const requestId = asRequestId(at(body, 'responseId'));
	return {
		kind: 'completion',
		text: answerText(candidate),
		finishReason,
		...(finishReason !== 'stop' && { finishDetail: finish }),
		...(usage !== undefined && { usage }),
		model: asName(at(body, 'modelVersion')) ?? requestedModel,
		...(requestId !== undefined && { requestId }),
	};
}

/** Thoughts are parts too, marked as such; they are not the answer. */
function answerText(candidate: unknown): string {
	return (asArray(at(candidate, 'content', 'parts')) ?? [])
		.filter((part) => at(part, 'thought') !== true)
		.map((part) => asString(at(part, 'text')) ?? '')
		.join('');
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

function finishReasonOf(finish: string): FinishReason {
	if (finish === 'STOP') return 'stop';
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
