/** The result of a synchronous function: its value, or the error that it threw. */
export type Tried<T> = { readonly value: T } | { readonly error: unknown };

export function tried<T>(work: () => T): Tried<T> {
	try {
		return { value: work() };
	} catch (error) {
		return { error };
	}
}
