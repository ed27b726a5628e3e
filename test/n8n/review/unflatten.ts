/**
 * Reads the form in which n8n sends execution data: a table, in which every string inside a value is the index of
 * another.
 */
export function unflatten(text: string): unknown {
	const table = JSON.parse(text) as readonly unknown[];
	const done = new Map<number, unknown>();

	function entry(index: number): unknown {
		if (done.has(index)) return done.get(index);
		const raw = table[index];
		if (typeof raw !== 'object' || raw === null) return raw;
		const value: unknown[] | Record<string, unknown> = Array.isArray(raw) ? [] : {};
		done.set(index, value);
		for (const [key, part] of Object.entries(raw))
			(value as Record<string, unknown>)[key] = typeof part === 'string' ? entry(Number(part)) : part;
		return value;
	}

	return entry(0);
}
