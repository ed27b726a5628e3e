import { deepestJson, isDeeperThan, isTextDeeperThan } from '../../engine/json-depth';
import { asRecord, parseJson } from '../json/json-reader';

/**
 * Parses a tool call's arguments for vendors that require an object. Returns `{}` for anything that is not a JSON
 * object or is nested too deeply.
 */
export function argumentsOf(argumentsText: string): Readonly<Record<string, unknown>> {
	if (isTextDeeperThan(deepestJson, argumentsText)) return {};
	return asRecord(parseJson(argumentsText)) ?? {};
}

/** The reverse: converts what a vendor sent as a call's arguments into text. Missing arguments become `{}`. */
export function argumentsTextOf(sent: unknown): string {
	if (sent === undefined || sent === null) return '{}';
	if (typeof sent === 'string') return sent;
	// For arguments that are nested too deeply an empty text is returned. It is not a JSON object, so the answer check
	// rejects it with a message that tells the model what to correct.
	return isDeeperThan(deepestJson, sent) ? '' : JSON.stringify(sent);
}
