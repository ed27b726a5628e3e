/** Tier 1 is the first step, 2 any later one. `step` counts from 1; tier 3, a human, is no step. */
export function tierOfStep(step: number): 1 | 2 {
	return step === 1 ? 1 : 2;
}
