/** Sets an entry of a map that holds at most `most` entries: when it is full, the oldest is removed. */
export function setBounded<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, most: number): void {
	const [oldest] = map.keys();
	if (map.size >= most && oldest !== undefined && !map.has(key)) map.delete(oldest);
	map.set(key, value);
}

/** Memoises `work` by the key of its first argument; the other arguments do not count. Keeps at most `most` results. */
export function remembering<Question, Rest extends readonly unknown[], Result>(
	most: number,
	work: (question: Question, ...rest: Rest) => Result,
	keyOf: (question: Question) => string,
): (question: Question, ...rest: Rest) => Result {
	const known = new Map<string, { readonly result: Result }>();
	return (question, ...rest) => {
		const key = keyOf(question);
		const found = known.get(key);
		if (found !== undefined) return found.result;
		const result = work(question, ...rest);
		setBounded(known, key, { result }, most);
		return result;
	};
}
