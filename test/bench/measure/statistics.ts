/** The middle of several rounds, and how far the rounds lie apart. */
export interface Spread {
	readonly median: number;
	/** Lower and upper quartile. */
	readonly q1: number;
	readonly q3: number;
	/** How many rounds. */
	readonly n: number;
}

export function spreadOf(values: readonly number[]): Spread {
	const sorted = values.toSorted((one, other) => one - other);
	return { median: quantile(sorted, 0.5), q1: quantile(sorted, 0.25), q3: quantile(sorted, 0.75), n: sorted.length };
}

/** With interpolation between the two neighbours. NaN when there is nothing. */
export function percentile(values: readonly number[], share: number): number {
	return quantile(
		values.toSorted((one, other) => one - other),
		share,
	);
}

function quantile(sorted: readonly number[], share: number): number {
	const place = share * (sorted.length - 1);
	const below = sorted[Math.floor(place)] ?? Number.NaN;
	const above = sorted[Math.ceil(place)] ?? Number.NaN;
	return below + (above - below) * (place - Math.floor(place));
}
