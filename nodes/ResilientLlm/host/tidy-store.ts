import type { TaskStore } from '../engine/store/task-store';
import { systemClock } from './clock';

/** How often a process looks for records whose time is over, in ms. */
const tidyEveryMs = 60 * 60 * 1000;

const lastTidied = new WeakMap<TaskStore, number>();

/**
 * Expires and forgets what is old, in the background and now and then. What fails here is tried again an hour later.
 */
export function tidyNowAndThen(store: TaskStore): void {
	const now = systemClock.now();
	if (now - (lastTidied.get(store) ?? Number.NEGATIVE_INFINITY) < tidyEveryMs) return;
	lastTidied.set(store, now);
	store.prune().catch(() => undefined);
}
