/** USD without the dust that adding binary fractions leaves: people read these numbers. */
export function roundedUsd(usd: number): number {
	return Number(usd.toPrecision(12));
}
