import type { ChainEvent } from '../engine/outcome';

export type Facts = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** What the log is told of a task, next to the chain's own events. */
export type TaskEvent = {
	readonly event: 'task-answered' | 'task-escalated' | 'task-cancelled' | 'task-warning';
} & Facts;

/** One line per event of one task. */
export interface EventLog {
	chain(event: ChainEvent): void;
	task(event: TaskEvent): void;
}
