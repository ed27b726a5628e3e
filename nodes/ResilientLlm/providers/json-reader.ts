/** Readers for JSON that nobody vouches for: each gives undefined where the value is of another kind. */
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

/** A count: anything but a non-negative whole number that can be added up reads as undefined. */
export function asCount(value: unknown): number | undefined {
	return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** A name or a code as servers write them: one short line. Anything else reads as undefined. */
export function asName(value: unknown): string | undefined {
	return typeof value === 'string' && /^[\w .:/@+-]{1,200}$/.test(value) ? value : undefined;
}

/** A code as servers write them: one word, so that it quotes nothing. Anything else reads as undefined. */
export function asCode(value: unknown): string | undefined {
	return typeof value === 'string' && /^[\w.-]{1,60}$/.test(value) ? value : undefined;
}

/** A request id; whatever does not look like one reads as undefined. */
export function asRequestId(value: unknown): string | undefined {
	return typeof value === 'string' && /^[\w.:/-]{1,128}$/.test(value) ? value : undefined;
}

/** Parsed JSON, or undefined when the text is none. */
export function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
