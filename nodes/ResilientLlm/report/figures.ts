/** `part / whole`, from 0 to 1; null when `whole` is 0. */
export function shareOf(part: number, whole: number): number | null {
	return whole === 0 ? null : part / whole;
}

/** A comparator for sorting in descending order; equal rows keep their order. */
export function byCount<Row>(countOf: (row: Row) => number): (a: Row, b: Row) => number {
	return (a, b) => countOf(b) - countOf(a);
}
