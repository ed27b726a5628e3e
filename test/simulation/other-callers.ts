import type { EpochMs, Random } from '../../nodes/ResilientLlm/engine/clock';
import { times } from './limited-server';
import type { Capacity, Limit } from './capacity';

export const usages = ['0', '90 %', 'all but 4', 'all but 4 at first'] as const;
/** How much of the limit others use: all the time, or (at first) until the moment at which our calls begin. */
export type Usage = (typeof usages)[number];

/**
 * Those who share the limit. Their calls come at random moments and take what is there; who is refused does not come
 * again.
 */
export interface OtherCallers {
	/** What they did before `now`. */
	begin(capacity: Capacity, now: EpochMs): void;
	/** What they did up to `now`. */
	advance(capacity: Capacity, now: EpochMs): void;
}

/** The share of the limit that is left for us as long as others call. */
export function shareLeft(limit: Limit, usage: Usage): number {
	if (limit.kind === 'none' || usage === '0' || usage === 'all but 4 at first') return 1;
	return usage === '90 %' ? 0.1 : Math.min(1, 4 / limit.calls);
}

export function createOtherCallers(limit: Limit, usage: Usage, random: Random): OtherCallers {
	if (limit.kind === 'none' || usage === '0') return { begin: () => undefined, advance: () => undefined };
	const periodMs = limit.kind === 'at once' ? (times.callMs.from + times.callMs.to) / 2 : limit.periodMs;
	if (usage === 'all but 4 at first') {
		return {
			begin: (capacity, now) => useAllButFour(capacity, now, limit.kind === 'at once' ? 0 : periodMs),
			advance: () => undefined,
		};
	}

	const perMs = ((1 - shareLeft(limit, usage)) * limit.calls) / periodMs;
	let next: EpochMs = 0;
	return {
		begin(capacity, now) {
			next = now - 2 * periodMs;
			callUntil(capacity, now);
		},
		advance: callUntil,
	};

	function callUntil(capacity: Capacity, now: EpochMs): void {
		while (next <= now) {
			capacity.take(next, callMs());
			next -= Math.log(1 - random()) / perMs;
		}
	}

	/**
	 * Spread over one period back. What has left a window since then, or was poured into the bucket again, is used up in
	 * the end.
	 */
	function useAllButFour(capacity: Capacity, now: EpochMs, overMs: number): void {
		const before = Array.from({ length: Math.max(0, capacity.left(now) - 4) }, () => now - random() * overMs);
		for (const at of before.sort((left, right) => left - right)) capacity.take(at, random() * times.callMs.to);
		while (capacity.left(now) > 4) capacity.take(now, callMs());
	}

	function callMs(): number {
		return times.callMs.from + random() * (times.callMs.to - times.callMs.from);
	}
}
