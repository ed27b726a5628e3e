const beatMs = 2;

/** A machine that withholds the CPU for more of the time than this has more work than it can do. */
const crowdedShare = 0.1;

export interface LoopStalls {
	/** How much of this stretch of time, in ms, is no fault of the code under test. */
	excusedMs(from: number, to: number): number;
	/** What was seen, in words. */
	describe(): string;
	stop(): void;
}

interface Stall {
	readonly from: number;
	readonly to: number;
	/** The part of it that this thread spent waiting for a CPU. */
	readonly share: number;
}

/**
 * Watches when this process's event loop stands still, and why. Time for which the machine gave the CPU to others is
 * excused, and nothing else: what the process does itself is part of what a test measures. Only on a machine with more
 * work than CPUs are stalls excused whole, because there shared cores make a thread's own CPU time long as well.
 *
 * `monitorEventLoopDelay` will not do: it tells neither when a stall was nor whose, and would excuse a late task for a
 * stall elsewhere.
 */
export function watchLoopStalls(now: () => number): LoopStalls {
	const stalls: Stall[] = [];
	const startedAt = now();
	let endedAt: number | undefined;
	let longestWorkMs = 0;
	let expected = startedAt + beatMs;
	let cpuBefore = threadCpuMs();
	const timer = setInterval(() => {
		const at = now();
		const cpu = threadCpuMs();
		const workedMs = cpu - cpuBefore;
		const lateMs = at - expected;
		if (lateMs > 0) stalls.push({ from: expected, to: at, share: Math.max(0, lateMs - workedMs) / lateMs });
		longestWorkMs = Math.max(longestWorkMs, workedMs);
		cpuBefore = cpu;
		expected = at + beatMs;
	}, beatMs);

	return {
		excusedMs: (from, to) =>
			stalls.reduce(
				(sum, stall) =>
					sum + (isCrowded() ? 1 : stall.share) * Math.max(0, Math.min(to, stall.to) - Math.max(from, stall.from)),
				0,
			),
		describe: () =>
			`the machine withheld the CPU for ${withheldMs().toFixed(0)} of ${lengthMs().toFixed(0)} ms (${isCrowded() ? 'crowded: stalls are excused whole' : 'only that is excused'}); ` +
			`this process worked for ${longestWorkMs.toFixed(0)} ms at a stretch at most`,
		stop: () => {
			endedAt ??= now();
			clearInterval(timer);
		},
	};

	function withheldMs(): number {
		return stalls.reduce((sum, { from, to, share }) => sum + share * (to - from), 0);
	}

	function lengthMs(): number {
		return (endedAt ?? now()) - startedAt;
	}

	function isCrowded(): boolean {
		return withheldMs() > crowdedShare * lengthMs();
	}
}

function threadCpuMs(): number {
	const { user, system } = process.threadCpuUsage();
	return (user + system) / 1000;
}
