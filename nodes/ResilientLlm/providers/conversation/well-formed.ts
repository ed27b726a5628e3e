/**
 * The same value with every half of a character, which a text cut in the wrong place ends with, replaced by U+FFFD:
 * vendors refuse a whole request for one of them.
 */
export function wellFormed<Value>(value: Value): Value {
	return mended(value) as Value;
}

function mended(value: unknown): unknown {
	if (typeof value === 'string') {
		// The first pattern sees at once that there is nothing of the kind in a file's base64; the second takes its time.
		return /[\uD800-\uDFFF]/.test(value) ? value.replace(/\p{Surrogate}/gu, '\uFFFD') : value;
	}
	if (Array.isArray(value)) return value.map(mended);
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(Object.entries(value).map(([key, part]) => [mended(key), mended(part)]));
}
