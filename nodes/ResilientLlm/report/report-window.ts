import type { EpochMs } from '../engine/clock';

const minute = 60_000;

/** Bars of a chart that the eye still tells apart; of a day, hours. */
const mostSlices = 24;

/** From whole minute to whole minute; the end is not in it. */
export interface TimeSpan {
	readonly from: EpochMs;
	readonly to: EpochMs;
}

/** The time up to the end of the minute that runs. */
export function windowUntil(now: EpochMs, minutes: number): TimeSpan {
	const to = (Math.floor(now / minute) + 1) * minute;
	return { from: to - minutes * minute, to };
}

/** As long, and right before. */
export function windowBefore({ from, to }: TimeSpan): TimeSpan {
	return { from: 2 * from - to, to: from };
}

/** Even parts, as far as whole minutes allow: 24, or one for each minute of a shorter window. */
export function slicesOf({ from, to }: TimeSpan): readonly TimeSpan[] {
	const minutes = (to - from) / minute;
	const count = Math.min(mostSlices, minutes);
	const edge = (index: number) => from + Math.round((index * minutes) / count) * minute;
	return Array.from({ length: count }, (_, index) => ({ from: edge(index), to: edge(index + 1) }));
}
