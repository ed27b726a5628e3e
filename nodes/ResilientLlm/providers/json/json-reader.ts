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

/** An amount of money: anything but a finite number from 0 reads as undefined. */
export function asAmount(value: unknown): number | undefined {
	return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** A name or a code as servers write them: one short line. Anything else reads as undefined. */
export function asName(value: unknown): string | undefined {
	return typeof value === 'string' && /^[\w .:/@+-]{1,200}$/.test(value) ? value : undefined;
}

/** A code as servers write them: one word, so that it quotes nothing. Anything else reads as undefined. */
export function asCode(value: unknown): string | undefined {
	return typeof value === 'string' && /^[\w.-]{1,60}$/.test(value) ? value : undefined;
}

/** A code that is none of the expected ones; undefined when it is one of them, or no code. */
export function otherThan(expected: readonly string[], value: unknown): string | undefined {
	const code = asCode(value);
	return code === undefined || expected.includes(code) ? undefined : code;
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
