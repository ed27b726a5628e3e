/**
 * Returns a function that calls `make` once and returns the same promise from then on. If `make` fails, the next call
 * tries again. It is used to load SDKs on first use, because n8n loads every node when it starts. The promise is cached
 * because the alternatives are slower: a compiled `import()` takes 0.1 ms each time, as it copies the module's exports,
 * and returning a module from an async function takes 25 µs, as it is checked for a `then` method.
 */
export function lazy<T>(make: () => Promise<T>): () => Promise<T> {
	let made: Promise<T> | undefined;
	return () => {
		made ??= make().catch((error: unknown) => {
			made = undefined;
			throw error;
		});
		return made;
	};
}
