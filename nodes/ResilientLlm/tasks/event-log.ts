import type { ChainEvent } from '../engine/outcome';

export type Facts = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Events of a task for the log, besides those of the chain. */
export type TaskEvent = {
	readonly event: 'task-answered' | 'task-escalated' | 'task-cancelled' | 'task-warning';
} & Facts;

/** Writes one log line per event of one task. */
export interface EventLog {
	chain(event: ChainEvent): void;
	task(event: TaskEvent): void;
}
