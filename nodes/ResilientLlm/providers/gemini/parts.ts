import { argumentsTextOf } from '../conversation/call-arguments';
import { at } from '../json/json-path';
import { asArray, asRecord, asString } from '../json/json-reader';

/** A part of a content, as the API has it: text, a file, a call or its result, and perhaps a signature. */
export type GeminiPart = Readonly<Record<string, unknown>>;

/** A call in a part, as it came or is sent. */
export interface PartCall {
	/** Older models give none. */
	readonly id: unknown;
	readonly name: string;
	readonly args: unknown;
	readonly argumentsText: string;
}

/** The parts in a list that nobody vouches for. */
export function partsIn(list: unknown): readonly GeminiPart[] {
	return (asArray(list) ?? []).map(asRecord).filter((part) => part !== undefined);
}

/** Thoughts are parts too, marked as such; they are not the answer. */
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
