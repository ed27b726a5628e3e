import { deepestJson, isDeeperThan, isTextDeeperThan } from '../../engine/json-depth';
import { asRecord, parseJson } from '../json/json-reader';

/** A call's arguments as an object, for vendors that take nothing else. What is no object cannot be sent back. */
export function argumentsOf(argumentsText: string): Readonly<Record<string, unknown>> {
	if (isTextDeeperThan(deepestJson, argumentsText)) return {};
	return asRecord(parseJson(argumentsText)) ?? {};
}

/** The way back: what a vendor sent as a call's arguments, as text. Nothing is an empty object. */
export function argumentsTextOf(sent: unknown): string {
	if (sent === undefined || sent === null) return '{}';
	if (typeof sent === 'string') return sent;
	// An empty text is no object, so the check of the answer refuses it, in words that the model can act on.
	return isDeeperThan(deepestJson, sent) ? '' : JSON.stringify(sent);
}
