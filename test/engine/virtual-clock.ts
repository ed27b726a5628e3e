import type { Clock } from '../../nodes/ResilientLlm/engine/clock';

export interface VirtualClock extends Clock {
	/** Moves time from one timer to the next until the work is done. */
	drive<T>(work: Promise<T>): Promise<T>;
}

interface Timer {
	readonly at: number;
	readonly fire: () => void;
}

/** A clock that stands still until driven, so that hours pass in microseconds and every run is the same. */
export function createVirtualClock(start = Date.UTC(2026, 10, 20)): VirtualClock {
	let now = start;
	const timers = new Set<Timer>();

	return {
		now: () => now,
		wait(ms, signal) {
			if (ms <= 0 || signal.aborted) return Promise.resolve();
			return new Promise((resolve) => {
				const timer: Timer = { at: now + ms, fire: done };
				timers.add(timer);
				signal.addEventListener('abort', done, { once: true });
				function done() {
					timers.delete(timer);
					signal.removeEventListener('abort', done);
					resolve();
				}
			});
		},
		async drive(work) {
			let settled = false;
			const end = () => (settled = true);
			work.then(end, end);
			for (;;) {
				await settleMicrotasks();
				if (settled) return work;
				const next = [...timers].reduce<Timer | undefined>((soonest, timer) => (soonest === undefined || timer.at < soonest.at ? timer : soonest), undefined);
				if (next === undefined) throw new Error('The work waits for something that no timer will bring');
				now = Math.max(now, next.at);
				next.fire();
			}
		},
	};
}

function settleMicrotasks(): Promise<void> {
	return new Promise((resolve) => setImmediate(resolve));
}
