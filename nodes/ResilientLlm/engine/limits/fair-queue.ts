/** An entry of the queue: a waiting call. */
export interface Queued {
	/** The execution it belongs to: executions take turns. */
	readonly execution: string;
	/** It was served before (a retry), and goes before the other entries of its execution. */
	readonly isAgain: boolean;
}

interface Line<T> {
	readonly again: Set<T>;
	readonly fresh: Set<T>;
}

/** A queue in which executions take turns (round robin), no matter how many entries each of them has. */
export interface FairQueue<T extends Queued> extends Iterable<T> {
	readonly size: number;
	add(one: T): void;
	remove(one: T): void;
	/** The entry whose turn it is; it stays in the queue. `preferFresh`: rather one that was not served before. */
	next(preferFresh: boolean): T | undefined;
	/** Removes an entry that was served, and moves its execution to the end. */
	served(one: T): void;
}

export function createFairQueue<T extends Queued>(): FairQueue<T> {
	/** In the order of turns: the execution that is next comes first. */
	const lines = new Map<string, Line<T>>();
	let size = 0;

	const queue: FairQueue<T> = {
		get size() {
			return size;
		},
		add(one) {
			const line = lines.get(one.execution) ?? { again: new Set(), fresh: new Set() };
			lines.set(one.execution, line);
			(one.isAgain ? line.again : line.fresh).add(one);
			size += 1;
		},
		remove(one) {
			const line = lines.get(one.execution);
			if (line === undefined || !(line.again.delete(one) || line.fresh.delete(one))) return;
			size -= 1;
			if (line.again.size + line.fresh.size === 0) lines.delete(one.execution);
		},
		next(preferFresh) {
			for (const { again, fresh } of lines.values()) {
				const [first] = preferFresh && fresh.size > 0 ? fresh : again.size > 0 ? again : fresh;
				return first;
			}
			return undefined;
		},
		served(one) {
			const line = lines.get(one.execution);
			queue.remove(one);
			if (line === undefined || !lines.delete(one.execution)) return;
			lines.set(one.execution, line);
		},
		*[Symbol.iterator]() {
			for (const { again, fresh } of lines.values()) {
				yield* again;
				yield* fresh;
			}
		},
	};
	return queue;
}
