import type { EpochMs } from '../engine/clock';

const minute = 60_000;

/** Most slices of a window: more bars in a chart could not be told apart. A slice of a day is an hour. */
const mostSlices = 24;

/** A time span between whole minutes. `from` is inclusive, `to` exclusive. */
export interface TimeSpan {
	readonly from: EpochMs;
	readonly to: EpochMs;
}

/** The window of so many minutes that ends with the current minute. */
export function windowUntil(now: EpochMs, minutes: number): TimeSpan {
	const to = (Math.floor(now / minute) + 1) * minute;
	return { from: to - minutes * minute, to };
}

/** The window of the same length right before. */
export function windowBefore({ from, to }: TimeSpan): TimeSpan {
	return { from: 2 * from - to, to: from };
}

/**
 * Splits a window into 24 slices of whole minutes, as even as possible; one slice per minute if it is shorter than 24
 * minutes.
 */
export function slicesOf({ from, to }: TimeSpan): readonly TimeSpan[] {
	const minutes = (to - from) / minute;
	const count = Math.min(mostSlices, minutes);
	const edge = (index: number) => from + Math.round((index * minutes) / count) * minute;
	return Array.from({ length: count }, (_, index) => ({ from: edge(index), to: edge(index + 1) }));
}
