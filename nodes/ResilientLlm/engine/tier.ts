/** Tier 1 is the first step, tier 2 any later one; tier 3, a human, has no step. `step` counts from 1. */
export function tierOfStep(step: number): 1 | 2 {
	return step === 1 ? 1 : 2;
}
