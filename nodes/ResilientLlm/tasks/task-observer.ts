import type { ChainEvent } from '../engine/outcome';
import type { EventLog } from './event-log';
import type { Metrics } from './metrics';
import type { FinishedTask } from './finished-task';
import type { TaskEnd } from './task-end';

/** Reports what happens to one task to n8n's log and metrics. */
export interface TaskObserver {
	chain(event: ChainEvent): void;
	ended(task: FinishedTask, end: TaskEnd): void;
}

/** `metrics` is undefined when this n8n exports none. */
export function observeTask(log: EventLog, metrics: Metrics | undefined): TaskObserver {
	return {
		chain(event) {
			log.chain(event);
			if (event.event === 'attempt-end') metrics?.attempt(event.attempt);
		},
		ended(task, end) {
			for (const warning of task.warnings) log.task({ event: 'task-warning', warning });
			logEnd(log, task, end);
			if (metrics !== undefined) countEnd(metrics, task, end);
		},
	};
}

function logEnd(log: EventLog, { latencyMs }: FinishedTask, end: TaskEnd): void {
	switch (end.kind) {
		case 'answered': {
			const { tier, provider, model, attempts, costUsd } = end.answer;
			const { replayed } = end;
			return log.task({
				event: 'task-answered',
				tier,
				provider,
				model,
				replayed,
				attempts: attempts.length,
				latencyMs,
				costUsd: replayed ? 0 : costUsd,
			});
		}
		case 'decided':
			return log.task({
				event: 'task-answered',
				tier: 3,
				provider: 'human',
				model: null,
				replayed: true,
				attempts: 0,
				latencyMs,
				costUsd: 0,
			});
		case 'escalated': {
			const { reasonCode, attempts, costUsd } = end.escalation;
			return log.task({
				event: 'task-escalated',
				tier: 3,
				reasonCode,
				replayed: end.replayed,
				attempts: attempts.length,
				latencyMs,
				costUsd,
			});
		}
		case 'cancelled':
			return log.task({ event: 'task-cancelled', latencyMs });
	}
}

function countEnd(metrics: Metrics, { latencyMs }: FinishedTask, end: TaskEnd): void {
	switch (end.kind) {
		case 'answered': {
			const { tier, costUsd } = end.answer;
			return end.replayed ? metrics.replay(tier) : metrics.task({ tier, reasonCode: null, latencyMs, costUsd });
		}
		case 'decided':
			return metrics.replay(3);
		case 'escalated': {
			const { reasonCode, costUsd } = end.escalation;
			return end.replayed ? metrics.replay(3) : metrics.task({ tier: 3, reasonCode, latencyMs, costUsd });
		}
		case 'cancelled':
		// Not counted as a task, because it has no result. Its calls are counted as attempts.
	}
}
