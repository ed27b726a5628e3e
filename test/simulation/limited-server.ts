import type { EpochMs, Random } from '../../nodes/ResilientLlm/engine/clock';
import type { Completion } from '../../nodes/ResilientLlm/engine/completion';
import type { Failure } from '../../nodes/ResilientLlm/engine/failure';
import { answer, fail } from '../engine/scripted-step';
import type { VirtualClock } from '../engine/virtual-clock';
import { createCapacity, type Capacity, type Limit } from './capacity';
import type { OtherCallers } from './other-callers';

export const retryAfters = ['exact', 'rounded up', '0', 'absent', '1e9 s'] as const;
/** How the server's Retry-After relates to the time after which it would take the call. */
export type RetryAfter = (typeof retryAfters)[number];

/** What the server told a caller: no call before `until`. */
export interface Word {
	readonly heardAt: EpochMs;
	readonly until: EpochMs;
}

/** A server behind a rate limit that it shares with others. */
export interface LimitedServer {
	readonly refused: () => number;
	/** In the order in which the callers heard them. */
	readonly words: readonly Word[];
	/** When each call came that was taken. */
	readonly takenAt: readonly EpochMs[];
	complete(signal: AbortSignal): Promise<Completion | Failure>;
}

/** Calls take half a second to one and a half, refusals a tenth. Each call is on its way for up to 20 ms. */
export const times = {
	longestCallMs: 1500,
	callMs: { from: 500, to: 1500 },
	refusalMs: { from: 60, to: 100 },
	wayMs: { from: 0, to: 20 },
};

const longestWordMs = 3_600_000;

export function createLimitedServer(
	clock: VirtualClock,
	limit: Limit,
	others: OtherCallers,
	retryAfter: RetryAfter,
	random: Random,
): LimitedServer {
	const capacity = sharedCapacity(limit, others, clock.now(), random);
	const words: Word[] = [];
	const takenAt: EpochMs[] = [];
	let refused = 0;

	return {
		refused: () => refused,
		words,
		takenAt,
		async complete(signal) {
			await clock.wait(between(random, times.wayMs), signal);
			const now = clock.now();
			others.advance(capacity, now);
			const callMs = between(random, times.callMs);
			if (capacity.take(now, callMs)) {
				takenAt.push(now);
				await clock.wait(callMs, signal);
				return signal.aborted ? (fail('network') as Failure) : (answer() as Completion);
			}
			refused += 1;
			const retryAfterMs = wordOf(capacity, now);
			await clock.wait(between(random, times.refusalMs), signal);
			if (retryAfterMs !== undefined)
				words.push({ heardAt: clock.now(), until: clock.now() + Math.min(retryAfterMs, longestWordMs) });
			return fail('rate_limited', { httpStatus: 429, ...(retryAfterMs !== undefined && { retryAfterMs }) }) as Failure;
		},
	};

	function wordOf(capacity: Capacity, now: EpochMs): number | undefined {
		const exactMs = Math.ceil(capacity.freeAt(now) - now);
		switch (retryAfter) {
			case 'exact':
				return exactMs;
			case 'rounded up':
				return Math.ceil(exactMs / 1000) * 1000;
			case '0':
				return 0;
			case 'absent':
				return undefined;
			case '1e9 s':
				return 1e12;
		}
	}
}

/** The limit as our first call meets it. */
export function sharedCapacity(limit: Limit, others: OtherCallers, now: EpochMs, random: Random): Capacity {
	const capacity = createCapacity(
		limit,
		now - 3 * ('periodMs' in limit ? limit.periodMs : times.longestCallMs),
		random,
	);
	others.begin(capacity, now);
	return capacity;
}

export function between(random: Random, { from, to }: { readonly from: number; readonly to: number }): number {
	return from + random() * (to - from);
}
