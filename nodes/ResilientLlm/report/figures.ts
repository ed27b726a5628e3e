/** Null where there is nothing to take a part of. */
export function shareOf(part: number, whole: number): number | null {
	return whole === 0 ? null : part / whole;
}

/** Descending; equals keep their order. */
export function byCount<Row>(countOf: (row: Row) => number): (a: Row, b: Row) => number {
	return (a, b) => countOf(b) - countOf(a);
}
