/** What came of work that does not wait. */
export type Tried<T> = { readonly value: T } | { readonly error: unknown };

export function tried<T>(work: () => T): Tried<T> {
	try {
		return { value: work() };
	} catch (error) {
		return { error };
	}
}
