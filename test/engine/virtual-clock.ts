import type { Clock } from '../../nodes/ResilientLlm/engine/clock';

export interface VirtualClock extends Clock {
	/** Both clocks say the same here. */
	now(): number;
	/** Moves time from one timer to the next until the work is done. */
	drive<T>(work: Promise<T>): Promise<T>;
}

interface Timer {
	readonly at: number;
	/** Timers of the same instant fire in the order in which they were set. */
	readonly number: number;
	readonly fire: () => void;
	isOver: boolean;
}

/** A clock that stands still until driven, so that hours pass in microseconds and every run is the same. */
export function createVirtualClock(start = Date.UTC(2026, 10, 20)): VirtualClock {
	let now = start;
	let number = 0;
	const timers = createHeap();

	return {
		now: () => now,
		wallTime: (moment: number) => moment,
		wait(ms, signal) {
			if (ms <= 0 || signal.aborted) return Promise.resolve();
			return new Promise((resolve) => {
				const timer: Timer = { at: now + ms, number: (number += 1), fire: done, isOver: false };
				timers.add(timer);
				signal.addEventListener('abort', done, { once: true });
				function done() {
					timer.isOver = true;
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
				const next = timers.takeFirst();
				if (next === undefined) throw new Error('The work waits for something that no timer will bring');
				now = Math.max(now, next.at);
				next.fire();
			}
		},
	};
}

/** A binary heap: a simulation sets millions of timers, and most of them are over before they fire. */
function createHeap() {
	const heap: Timer[] = [];

	return {
		add(timer: Timer): void {
			heap.push(timer);
			let at = heap.length - 1;
			while (at > 0) {
				const parent = (at - 1) >> 1;
				if (isSooner(heap[parent]!, timer)) break;
				heap[at] = heap[parent]!;
				at = parent;
			}
			heap[at] = timer;
		},
		/** The soonest timer that is not over, and removes it. */
		takeFirst(): Timer | undefined {
			for (;;) {
				const first = heap[0];
				const last = heap.pop();
				if (first === undefined || last === undefined) return undefined;
				if (heap.length > 0) sinkFromTop(last);
				if (!first.isOver) return first;
			}
		},
	};

	function sinkFromTop(timer: Timer): void {
		let at = 0;
		for (;;) {
			const left = 2 * at + 1;
			if (left >= heap.length) break;
			const right = left + 1;
			const child = right < heap.length && isSooner(heap[right]!, heap[left]!) ? right : left;
			if (isSooner(timer, heap[child]!)) break;
			heap[at] = heap[child]!;
			at = child;
		}
		heap[at] = timer;
	}
}

function isSooner(left: Timer, right: Timer): boolean {
	return left.at < right.at || (left.at === right.at && left.number < right.number);
}

function settleMicrotasks(): Promise<void> {
	return new Promise((resolve) => setImmediate(resolve));
}
