/** Adds to a map that may not grow for ever: when it is full, the oldest entry goes. */
export function setBounded<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, most: number): void {
	const [oldest] = map.keys();
	if (map.size >= most && oldest !== undefined && !map.has(key)) map.delete(oldest);
	map.set(key, value);
}

/** Does the same work once, by the key of the question. `most`: so many results are remembered. */
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
