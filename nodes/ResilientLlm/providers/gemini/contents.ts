import { isDeepStrictEqual } from 'node:util';

import {
	textOf,
	type AssistantMessage,
	type Conversation,
	type Part,
	type ToolMessage,
} from '../../engine/conversation';
import { argumentsOf } from '../conversation/call-arguments';
import { withFittingIds, type CallIdRule } from '../conversation/call-ids';
import { fittingName } from '../conversation/tool-names';
import { betweenUserTurns, turnsOf } from '../conversation/turns';
import { asRecord } from '../json/json-reader';
import { isGemini3OrLater } from './models';
import { callsIn, isSigned, partsIn, textIn, type GeminiPart } from './parts';
import { toolNameRule } from './tools';

export interface GeminiContent {
	readonly role: 'user' | 'model';
	readonly parts: readonly GeminiPart[];
}

const callIdRule: CallIdRule = { allowed: /^[a-zA-Z0-9_-]+$/, maxLength: 64 };

/**
 * The placeholder that the API documents for calls without a thought signature, such as those made by another model.
 * https://ai.google.dev/gemini-api/docs/thought-signatures
 */
const signatureOfOthers = 'skip_thought_signature_validator';

export function contentsOf({ messages }: Conversation, model: string): readonly GeminiContent[] {
	const isNew = isGemini3OrLater(model);
	const contents: GeminiContent[] = [];
	for (const turn of withFittingIds(betweenUserTurns(turnsOf(messages)), callIdRule)) {
		switch (turn.role) {
			case 'user':
				contents.push({ role: 'user', parts: turn.parts.map(partOf) });
				break;
			case 'assistant': {
				const parts = keptPartsOf(turn) ?? plainPartsOf(turn, isNew);
				contents.push({ role: 'model', parts: isNew ? withFirstCallSigned(parts) : parts });
				break;
			}
			case 'results':
				contents.push(...resultContents(turn.results, contents.at(-1)?.parts ?? [], isNew));
		}
	}
	return contents;
}

function partOf(part: Part): GeminiPart {
	if (part.kind === 'text') return { text: part.text };
	return { inlineData: { mimeType: part.mimeType, data: part.base64 } };
}

/**
 * The parts as the model sent them, from the turn's keepsake (data of a reply that must go back to its model
 * unchanged). Undefined if the text or the calls were edited since: a signature is only valid for the part it came
 * with.
 */
function keptPartsOf({ text, toolCalls, keepsake }: AssistantMessage): readonly GeminiPart[] | undefined {
	const parts = partsIn(keepsake?.content);
	const calls = callsIn(parts);
	const fits =
		parts.length > 0 &&
		textIn(parts).trim() === text.trim() &&
		calls.length === toolCalls.length &&
		toolCalls.every(({ name, argumentsText }, index) => {
			const call = calls[index];
			return call?.name === fittingName(name, toolNameRule) && holds(argumentsOf(argumentsText), call.args);
		});
	return fits ? parts : undefined;
}

/** True if every argument that the model wrote is unchanged. Extra ones are fine: n8n adds an `id` of its own. */
function holds(ours: Readonly<Record<string, unknown>>, theirs: unknown): boolean {
	return Object.entries(asRecord(theirs) ?? {}).every(([key, value]) => isDeepStrictEqual(ours[key], value));
}

function plainPartsOf({ text, toolCalls }: AssistantMessage, isNew: boolean): readonly GeminiPart[] {
	return [
		...(text.trim() === '' ? [] : [{ text }]),
		...toolCalls.map(({ id, name, argumentsText }) => ({
			functionCall: {
				...(isNew && { id }),
				name: fittingName(name, toolNameRule),
				args: argumentsOf(argumentsText),
			},
		})),
	];
}

/** If a turn has several calls, only the first one must have a signature. */
function withFirstCallSigned(parts: readonly GeminiPart[]): readonly GeminiPart[] {
	const first = parts.findIndex((part) => part['functionCall'] !== undefined);
	return parts.map((part, index) =>
		index === first && !isSigned(part) ? { ...part, thoughtSignature: signatureOfOthers } : part,
	);
}

/** All results go into one content. Each has the ID of its call, if the call has one. */
function resultContents(
	results: readonly ToolMessage[],
	callParts: readonly GeminiPart[],
	isNew: boolean,
): readonly GeminiContent[] {
	const calls = callsIn(callParts);
	const responses = results.map(({ name, parts, isError }, index) => {
		const id = calls[index]?.id;
		const files = isNew ? filesIn(parts) : [];
		return {
			functionResponse: {
				...(id !== undefined && { id }),
				name: fittingName(name, toolNameRule),
				response: { [isError ? 'error' : 'output']: textOf(parts) },
				...(files.length > 0 && { parts: files }),
			},
		};
	});
	const beside = isNew ? [] : results.flatMap(filesOfResult);
	return [{ role: 'user', parts: responses }, ...(beside.length > 0 ? [{ role: 'user' as const, parts: beside }] : [])];
}

function filesOfResult({ name, parts }: ToolMessage): readonly GeminiPart[] {
	const files = filesIn(parts);
	return files.length === 0 ? [] : [{ text: `Files in the result of ${name}:` }, ...files];
}

function filesIn(parts: readonly Part[]): readonly GeminiPart[] {
	return parts.filter(({ kind }) => kind !== 'text').map(partOf);
}
