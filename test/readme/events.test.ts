import type { Logger } from 'n8n-workflow';
import { expect, it } from 'vitest';

import type { FinishedTask } from '../../nodes/ResilientLlm/tasks/finished-task';
import type { TaskEnd } from '../../nodes/ResilientLlm/tasks/task-end';
import { observeTask } from '../../nodes/ResilientLlm/tasks/task-observer';
import type { Attempt } from '../../nodes/ResilientLlm/engine/attempt';
import { noUsage } from '../../nodes/ResilientLlm/engine/completion';
import type { ChainEvent } from '../../nodes/ResilientLlm/engine/outcome';
import { eventLog } from '../../nodes/ResilientLlm/host/log';
import { eventTable, scopeFields } from './events';

const prompt = 'PROMPT of a customer';
const answer = 'ANSWER of a model';

const call = {
	attempt: 1,
	step: 1,
	stepAttempt: 1,
	provider: 'p',
	model: 'm',
	startedAt: '',
	latencyMs: 1,
	waitMs: 0,
	costUsd: 0,
} as const;
const attempts: readonly Attempt[] = [
	{ ...call, outcome: 'answered' },
	{ ...call, outcome: 'failed', reason: 'overloaded', message: `the server said: ${answer}`, httpStatus: 529 },
];
const chainEvents: readonly ChainEvent[] = [
	...attempts.map((attempt) => ({ event: 'attempt-end', attempt }) as const),
	{ event: 'step-failover', fromStep: 1, toStep: 2, reason: 'overloaded' },
	{ event: 'circuit-open', provider: 'p', model: 'm', reopensAt: 0 },
	{ event: 'circuit-close', provider: 'p', model: 'm' },
];
const ends: readonly TaskEnd[] = [
	{
		kind: 'answered',
		replayed: false,
		answer: {
			output: answer,
			tier: 1,
			provider: 'p',
			model: 'm',
			finishReason: 'stop',
			truncated: false,
			usage: noUsage,
			costUsd: 0,
			attempts,
			warnings: [],
		},
	},
	{
		kind: 'escalated',
		replayed: false,
		escalation: {
			reasonCode: 'all_models_failed',
			reason: answer,
			draft: answer,
			attempts,
			costUsd: 0,
			failedAt: 0,
			dueAt: null,
			reviewUrl: null,
			warnings: [],
			isStored: true,
		},
	},
	{ kind: 'cancelled' },
];
const task: FinishedTask = {
	taskId: 't',
	content: { prompt, systemMessage: prompt },
	origin: { executionId: '1', workflowId: 'w', workflowName: 'n', nodeId: 'i', nodeName: 'n' },
	latencyMs: 1,
	warnings: ['The task store could not keep a record of this task'],
};

interface Line {
	readonly event: string;
	readonly level: string;
	readonly facts: Readonly<Record<string, unknown>>;
	readonly text: string;
}

function linesOfATask(): readonly Line[] {
	const lines: Line[] = [];
	const at = (level: string) => (text: string, facts?: object) => {
		const { event, ...rest } = { event: '', ...facts };
		lines.push({ event, level, facts: rest, text });
	};
	const logger: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
	const observer = observeTask(
		eventLog(logger, { executionId: '7', workflowId: 'w', node: 'n', item: 0, taskId: 't' }),
		undefined,
	);
	for (const event of chainEvents) observer.chain(event);
	for (const end of ends) observer.ended(task, end);
	return lines;
}

it.each([...new Set(linesOfATask().map(({ event }) => event))])(
	'the log’s %s has the fields and the level that the README lists',
	(event) => {
		const lines = linesOfATask().filter((line) => line.event === event);
		const { fields, level } = eventTable[event]!;
		expect(new Set(lines.flatMap(({ facts }) => Object.keys(facts)))).toEqual(new Set([...fields, ...scopeFields]));
		for (const line of lines) expect(level).toContain(`\`${line.level}\``);
	},
);

it('no line holds a prompt, an answer, an item’s data or a server’s words', () => {
	const all = JSON.stringify(linesOfATask());
	for (const content of [prompt, answer]) expect(all).not.toContain(content);
});
