/** The functions in this file read untrusted JSON: each returns undefined if the value has another type. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
	return typeof value === 'object' && value !== null && !Array.isArray(value)
		? (value as Record<string, unknown>)
		: undefined;
}

export function asArray(value: unknown): readonly unknown[] | undefined {
	return Array.isArray(value) ? value : undefined;
}

export function asString(value: unknown): string | undefined {
	return typeof value === 'string' ? value : undefined;
}

/** A non-negative safe integer, else undefined. */
export function asCount(value: unknown): number | undefined {
	return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** A finite, non-negative amount of money, else undefined. */
export function asAmount(value: unknown): number | undefined {
	return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** A name or code: one line of at most 200 usual characters, else undefined. */
export function asName(value: unknown): string | undefined {
	return typeof value === 'string' && /^[\w .:/@+-]{1,200}$/.test(value) ? value : undefined;
}

/** A code: one word of at most 60 characters, so that it cannot contain quoted text; else undefined. */
export function asCode(value: unknown): string | undefined {
	return typeof value === 'string' && /^[\w.-]{1,60}$/.test(value) ? value : undefined;
}

/** The code if it is not one of the expected ones. Undefined if it is expected, or not a code. */
export function otherThan(expected: readonly string[], value: unknown): string | undefined {
	const code = asCode(value);
	return code === undefined || expected.includes(code) ? undefined : code;
}

/** A request ID of at most 128 characters, or undefined if it does not look like one. */
export function asRequestId(value: unknown): string | undefined {
	return typeof value === 'string' && /^[\w.:/-]{1,128}$/.test(value) ? value : undefined;
}

/** The parsed JSON, or undefined if the text is not JSON. */
export function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
