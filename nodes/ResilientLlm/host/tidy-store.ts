import type { TaskStore } from '../engine/store/task-store';
import { systemClock } from './clock';

/** How often a process prunes a store at most, in ms. */
const tidyEveryMs = 60 * 60 * 1000;

const lastTidied = new WeakMap<TaskStore, number>();

/**
 * Prunes the store in the background, if that was not tried within the last hour. Errors are ignored: the next call
 * after an hour tries again.
 */
export function tidyNowAndThen(store: TaskStore): void {
	const now = systemClock.now();
	if (now - (lastTidied.get(store) ?? Number.NEGATIVE_INFINITY) < tidyEveryMs) return;
	lastTidied.set(store, now);
	store.prune().catch(() => undefined);
}
