/**
 * A copy of the value in which every unpaired UTF-16 surrogate, as left by a text cut inside a character, is replaced
 * by U+FFFD. Vendors reject a whole request because of one.
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
