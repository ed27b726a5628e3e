import type { Random } from '../../nodes/ResilientLlm/engine/clock';

/** Mulberry32: small, fast, and the same sequence for the same seed on every machine. */
export function seededRandom(seed: number): Random {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

export function pick<T>(random: Random, choices: readonly T[]): T {
	return choices[Math.floor(random() * choices.length)]!;
}

export function between(random: Random, low: number, high: number): number {
	return Math.floor(low + random() * (high - low + 1));
}
