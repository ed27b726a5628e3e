/**
 * Loads a module on the first call and remembers it. n8n loads every node when it starts, so the SDKs must not come
 * along; and a compiled `import()` costs 0.1 ms each time, because it copies the module's exports.
 */
export function lazy<T>(load: () => Promise<T>): () => Promise<T> {
	let loaded: { readonly value: T } | undefined;
	return async () => {
		loaded ??= { value: await load() };
		return loaded.value;
	};
}
