/**
 * The same value with every half of a character, which a text cut in the wrong place ends with, replaced by U+FFFD:
 * vendors refuse a whole request for one of them.
 */
export function wellFormed<Value>(value: Value): Value {
	return mended(value) as Value;
}

function mended(value: unknown): unknown {
	if (typeof value === 'string') return value.toWellFormed();
	if (Array.isArray(value)) return value.map(mended);
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(Object.entries(value).map(([key, part]) => [mended(key), mended(part)]));
}
