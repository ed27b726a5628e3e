import type { EpochMs } from '../../nodes/ResilientLlm/engine/clock';
import type { Capacity, Limit } from './capacity';
import { times } from './limited-server';

/**
 * When somebody who knows the limit and all that others will do would start each of `count` calls, in ms after the
 * first. Without others: as soon as the limit lets it through. Beside others who go on calling: as soon as what they
 * leave does.
 */
export function idealStarts(
	count: number,
	limit: Limit,
	share: number,
	capacity: Capacity,
	begun: EpochMs,
): readonly number[] {
	return share === 1 ? greedyStarts(count, capacity, begun) : startsInShare(count, limit, share, capacity, begun);
}

export const middlingCallMs = (times.callMs.from + times.callMs.to) / 2;

function greedyStarts(count: number, capacity: Capacity, begun: EpochMs): readonly number[] {
	const starts: number[] = [];
	let now = begun;
	for (let call = 0; call < count; call += 1) {
		now = Math.max(now, capacity.freeAt(now));
		capacity.take(now, middlingCallMs);
		starts.push(now - begun);
	}
	return starts;
}

function startsInShare(
	count: number,
	limit: Limit,
	share: number,
	capacity: Capacity,
	begun: EpochMs,
): readonly number[] {
	if (limit.kind === 'none') return Array.from({ length: count }, () => 0);
	const calls = limit.calls * share;
	const left = capacity.left(begun);
	return Array.from({ length: count }, (_, call) => {
		switch (limit.kind) {
			case 'at once':
				return Math.floor(call / calls) * middlingCallMs;
			case 'token bucket':
				return (Math.max(0, call + 1 - left) * limit.periodMs) / calls;
			case 'sliding window':
				return call < left ? 0 : (1 + Math.floor((call - left) / calls)) * limit.periodMs;
			case 'fixed window':
				return Math.floor(call / calls) * limit.periodMs;
		}
	});
}
