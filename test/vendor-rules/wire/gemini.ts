import { signPart } from '../gemini/contents';
import { generationOf } from '../gemini/models';
import { objectOf, objectsOf, textOf, type JsonObject } from '../json';
import { piecesOf, uniqueName, usualUsage, type ScriptedReply } from './scripted-reply';

export function geminiReply(reply: ScriptedReply, request: JsonObject, model: string): JsonObject {
	const { text = '', calls = [], reasoning, finish, usage } = reply;
	const { input, output, reasoning: thoughts, cacheRead } = { ...usualUsage, ...usage };
	const isThree = (generationOf(model) ?? 0) >= 3;
	const signed = (part: JsonObject): JsonObject =>
		isThree ? { ...part, thoughtSignature: signPart(part, model) } : part;
	const showsThoughts = objectOf(objectOf(request['generationConfig'])['thinkingConfig'])['includeThoughts'] === true;
	const parts = [
		...(reasoning !== undefined && showsThoughts ? [{ text: reasoning, thought: true }] : []),
		...(text === '' ? [] : [calls.length > 0 ? { text } : signed({ text })]),
		// Of several calls at once, the first alone is signed.
		...calls.map(({ name, args }, index) => {
			const call = { functionCall: { name, args, ...(isThree && { id: uniqueName(8) }) } };
			return index === 0 ? signed(call) : call;
		}),
	];
	const blocked = finish === 'refusal';
	const candidate = {
		content: blocked ? { role: 'model' } : { parts, role: 'model' },
		finishReason: blocked ? 'SAFETY' : finish === 'length' ? 'MAX_TOKENS' : 'STOP',
		index: 0,
		...(calls.length > 0 && { finishMessage: 'Model generated function call(s).' }),
	};
	return {
		candidates: [candidate],
		usageMetadata: {
			promptTokenCount: input,
			candidatesTokenCount: output - thoughts,
			totalTokenCount: input + output,
			...(thoughts > 0 && { thoughtsTokenCount: thoughts }),
			...(cacheRead > 0 && { cachedContentTokenCount: cacheRead }),
			promptTokensDetails: [{ modality: 'TEXT', tokenCount: input }],
			serviceTier: request['serviceTier'] ?? 'standard',
		},
		modelVersion: model,
		responseId: uniqueName(22),
	};
}

/** Whole replies with a piece each; usage in all of them, the reason to finish in the last, which may be empty. */
export function* geminiEvents(reply: JsonObject): Generator<JsonObject, void> {
	const { candidates, ...head } = reply;
	const { content, finishReason, finishMessage } = objectOf(objectsOf(candidates)[0]?.[1]);
	const chunk = (parts: readonly JsonObject[], more: JsonObject = {}): JsonObject => ({
		candidates: [{ content: { parts, role: 'model' }, index: 0, ...more }],
		...head,
	});
	let signature: unknown;
	for (const [, part] of objectsOf(objectOf(content)['parts'])) {
		if (part['functionCall'] !== undefined) {
			yield chunk([part]);
			continue;
		}
		const { thoughtSignature, text, ...rest } = part;
		for (const piece of piecesOf(textOf(text))) yield chunk([{ text: piece, ...rest }]);
		signature = thoughtSignature;
	}
	const last = { text: '', ...(signature !== undefined && { thoughtSignature: signature }) };
	yield chunk([last], { finishReason, ...(finishMessage !== undefined && { finishMessage }) });
}

export function geminiData(events: Iterable<JsonObject>): readonly string[] {
	return [...events].map((event) => `data: ${JSON.stringify(event)}\r\n\r\n`);
}

export function geminiError(message: string, code: number): JsonObject {
	return { error: { code, message, status: code === 400 ? 'INVALID_ARGUMENT' : 'UNKNOWN' } };
}
