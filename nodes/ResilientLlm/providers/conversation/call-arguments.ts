import { asRecord, parseJson } from '../json/json-reader';

/** A call's arguments as an object, for vendors that take nothing else. What is no object cannot be sent back. */
export function argumentsOf(argumentsText: string): Readonly<Record<string, unknown>> {
	return asRecord(parseJson(argumentsText)) ?? {};
}
