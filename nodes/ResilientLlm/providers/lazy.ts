/**
 * Makes something on the first call and remembers it; a failure is forgotten, so the next call tries again. n8n loads
 * every node when it starts, so the SDKs must not come along. A compiled `import()` costs 0.1 ms each time, because it
 * copies the module's exports, and a module that an async function returns costs 25 µs, because it is looked through
 * for a `then`: so it is the promise that is remembered.
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
