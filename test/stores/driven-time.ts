/** Time that tests move. Stores with a clock of their own add it to that. */
export class DrivenTime {
	shiftMs = 0;

	readonly shift = () => this.shiftMs;

	advance(ms: number): void {
		this.shiftMs += ms;
	}
}

/** For stores on this machine: a clock that stands still between two moves. */
export function standingClock(time: DrivenTime) {
	return { now: () => 1_795_000_000_000.25 + time.shiftMs };
}
