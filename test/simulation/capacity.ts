import type { EpochMs, Random } from '../../nodes/ResilientLlm/engine/clock';

export const limitKinds = ['fixed window', 'sliding window', 'token bucket'] as const;
export type LimitKind = (typeof limitKinds)[number];

export type Limit =
	/** So many calls in such a time, in ms. A token bucket holds `calls` and fills evenly with as many in `periodMs`. */
	| { readonly kind: LimitKind; readonly calls: number; readonly periodMs: number }
	/** So many calls at once. */
	| { readonly kind: 'at once'; readonly calls: number }
	| { readonly kind: 'none' };

/** What a limit still lets through. Asked in the order of time. */
export interface Capacity {
	/** Whether the limit lets a call through, which is then counted. `callMs`: how long the call takes. */
	take(now: EpochMs, callMs: number): boolean;
	/** When the limit lets the next call through, if nobody else calls. */
	freeAt(now: EpochMs): EpochMs;
	/** How many calls it would let through at this moment. */
	left(now: EpochMs): number;
}

/**
 * A limit that has been there since `begun`. A fixed window's end is a random moment: nobody knows the server's clock.
 */
export function createCapacity(limit: Limit, begun: EpochMs, random: Random): Capacity {
	switch (limit.kind) {
		case 'fixed window':
			return fixedWindow(limit.calls, limit.periodMs, begun - random() * limit.periodMs);
		case 'sliding window':
			return slidingWindow(limit.calls, limit.periodMs);
		case 'token bucket':
			return tokenBucket(limit.calls, limit.periodMs, begun);
		case 'at once':
			return atOnce(limit.calls);
		case 'none':
			return { take: () => true, freeAt: (at) => at, left: () => Number.POSITIVE_INFINITY };
	}
}

function fixedWindow(calls: number, periodMs: number, firstWindow: EpochMs): Capacity {
	let window = firstWindow;
	let used = 0;
	return {
		take(now) {
			moveTo(now);
			if (used >= calls) return false;
			used += 1;
			return true;
		},
		freeAt(now) {
			moveTo(now);
			return used < calls ? now : window + periodMs;
		},
		left(now) {
			moveTo(now);
			return calls - used;
		},
	};

	function moveTo(now: EpochMs): void {
		const passed = Math.floor((now - window) / periodMs);
		if (passed <= 0) return;
		window += passed * periodMs;
		used = 0;
	}
}

function slidingWindow(calls: number, periodMs: number): Capacity {
	/** When each call of the last period was taken, oldest first. */
	const taken: EpochMs[] = [];
	return {
		take(now) {
			moveTo(now);
			if (taken.length >= calls) return false;
			taken.push(now);
			return true;
		},
		freeAt(now) {
			moveTo(now);
			return taken.length < calls ? now : taken[taken.length - calls]! + periodMs;
		},
		left(now) {
			moveTo(now);
			return calls - taken.length;
		},
	};

	function moveTo(now: EpochMs): void {
		while (taken[0] !== undefined && taken[0] <= now - periodMs) taken.shift();
	}
}

function tokenBucket(calls: number, periodMs: number, begun: EpochMs): Capacity {
	let tokens = calls;
	let filledAt = begun;
	return {
		take(now) {
			fill(now);
			if (tokens < 1) return false;
			tokens -= 1;
			return true;
		},
		freeAt(now) {
			fill(now);
			return tokens >= 1 ? now : now + ((1 - tokens) * periodMs) / calls;
		},
		left(now) {
			fill(now);
			return Math.floor(tokens);
		},
	};

	function fill(now: EpochMs): void {
		// Others may have called before we began to look.
		tokens = Math.min(calls, tokens + (Math.max(0, now - filledAt) * calls) / periodMs);
		filledAt = Math.max(filledAt, now);
	}
}

function atOnce(calls: number): Capacity {
	let ends: EpochMs[] = [];
	return {
		take(now, callMs) {
			ends = ends.filter((end) => end > now);
			if (ends.length >= calls) return false;
			ends.push(now + callMs);
			return true;
		},
		freeAt(now) {
			const busy = ends.filter((end) => end > now).sort((left, right) => left - right);
			return busy.length < calls ? now : busy[busy.length - calls]!;
		},
		left: (now) => calls - ends.filter((end) => end > now).length,
	};
}
