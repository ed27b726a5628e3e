import { argumentsTextOf } from '../conversation/call-arguments';
import { at } from '../json/json-path';
import { asArray, asRecord, asString } from '../json/json-reader';

/**
 * One part of a content in the API's format: text, a file, a tool call or its result, possibly with a thought
 * signature.
 */
export type GeminiPart = Readonly<Record<string, unknown>>;

/** A tool call inside a part, received or to be sent. */
export interface PartCall {
	/** Undefined for older models, which give calls no ID. */
	readonly id: unknown;
	readonly name: string;
	readonly args: unknown;
	readonly argumentsText: string;
}

/** The objects in a list from an untrusted reply; anything else in it is skipped. */
export function partsIn(list: unknown): readonly GeminiPart[] {
	return (asArray(list) ?? []).map(asRecord).filter((part) => part !== undefined);
}

/** The answer's text. Parts marked as thoughts are left out. */
export function textIn(parts: readonly GeminiPart[]): string {
	return parts.map((part) => (isThought(part) ? '' : (asString(part['text']) ?? ''))).join('');
}

export function callsIn(parts: readonly GeminiPart[]): readonly PartCall[] {
	return parts.flatMap((part) => {
		const call = isThought(part) ? undefined : asRecord(part['functionCall']);
		if (call === undefined) return [];
		const args = at(call, 'args');
		const name = asString(at(call, 'name')) ?? '';
		return [{ id: at(call, 'id'), name, args, argumentsText: argumentsTextOf(args) }];
	});
}

export function isSigned(part: GeminiPart): boolean {
	return asString(part['thoughtSignature']) !== undefined;
}

export function isThought(part: GeminiPart): boolean {
	return part['thought'] === true;
}
