/** Rounds to 12 significant digits: removes floating-point noise, because people read these numbers. */
export function roundedUsd(usd: number): number {
	return Number(usd.toPrecision(12));
}
