/**
 * What n8n's log is told, in the README's words. A test compares names and fields with lines that were really written.
 */
export const eventTable: Readonly<
	Record<string, { readonly level: string; readonly means: string; readonly fields: readonly string[] }>
> = {
	'attempt-end': {
		level: '`info`; `warn` when it failed',
		means: 'A call has ended, or a model was passed over (`outcome=skipped`)',
		fields: [
			'tier',
			'step',
			'provider',
			'model',
			'attempt',
			'outcome',
			'reason',
			'status',
			'latencyMs',
			'waitMs',
			'costUsd',
		],
	},
	'step-failover': {
		level: '`warn`',
		means: 'The task moves on to another model',
		fields: ['fromStep', 'toStep', 'reason'],
	},
	'circuit-open': {
		level: '`warn`',
		means: 'A model failed so often, or in such a way, that it is left alone until `reopensAt`',
		fields: ['provider', 'model', 'reopensAt'],
	},
	'circuit-close': { level: '`info`', means: 'It answers again', fields: ['provider', 'model'] },
	'task-answered': {
		level: '`info`',
		means: 'An item left on Success. `replayed=true`: with a stored answer, no model was called',
		fields: ['tier', 'provider', 'model', 'replayed', 'attempts', 'latencyMs', 'costUsd'],
	},
	'task-escalated': {
		level: '`warn`',
		means: 'An item left on Escalate',
		fields: ['tier', 'reasonCode', 'replayed', 'attempts', 'latencyMs', 'costUsd'],
	},
	'task-cancelled': {
		level: '`info`',
		means: 'The execution was cancelled before the task had ended',
		fields: ['latencyMs'],
	},
	'task-warning': {
		level: '`warn`',
		means: 'The task store could not do its part; the task went on',
		fields: ['warning'],
	},
	'task-store-notice': {
		level: '`info`; `warn` when you should do something; `error` when something was lost',
		means: 'The embedded task store was moved, stays where it was, or was deleted or replaced while n8n ran',
		fields: ['notice'],
	},
	'escalate-unconnected': {
		level: '`warn`',
		means: 'Items left on Escalate, and no node is connected to it',
		fields: [],
	},
	'review-decided': {
		level: '`info`',
		means: 'A human has decided, on the review page or through *Review: Resolve*',
		fields: ['decision', 'taskId', 'decisionId'],
	},
	'review-redelivered': {
		level: '`warn`',
		means: 'No execution worked on a decision, so it was handed to the workflow once more; `handover` counts from 1',
		fields: ['handover', 'decision', 'taskId', 'decisionId'],
	},
	'review-already-delivered': {
		level: '`info`',
		means: 'An execution ended at once, because another one works on its decision (`by`), or has ended with it',
		fields: ['decisionId', 'executionId', 'by'],
	},
	'review-delivery-failed': {
		level: '`warn`',
		means: 'The store could not be told how a decision gets on, so it may arrive a second time',
		fields: ['message', 'why', 'decisionId', 'executionId'],
	},
	'review-redelivery-failed': {
		level: '`warn`',
		means:
			'The look for undelivered decisions failed; the next one is 15 s later, and says nothing if it fails in the same words',
		fields: ['message'],
	},
	'review-page-failed': { level: '`error`', means: 'The review page could not be served', fields: ['message'] },
	'review-reminder-failed': {
		level: '`warn`',
		means:
			'The look for overdue reviews failed; the next one is a minute later, and says nothing if it fails in the same words',
		fields: ['message'],
	},
};

/** What every line of a task says besides. */
export const scopeFields = ['executionId', 'workflowId', 'node', 'item', 'taskId'] as const;
