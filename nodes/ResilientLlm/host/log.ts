import type { Logger } from 'n8n-workflow';

import { tierOfStep } from '../engine/tier';
import type { ChainEvent } from '../engine/outcome';
import type { EventLog, Facts } from '../tasks/event-log';

type Level = 'info' | 'warn' | 'error';

/** Which execution and item a log line belongs to. */
export interface LogScope {
	readonly executionId: string;
	readonly workflowId: string;
	readonly node: string;
	readonly item: number;
	readonly taskId: string;
}

/**
 * Writes one log line per event. n8n's text format prints only the message, so the facts are also in the message, as
 * key=value. Prompts, answers and API keys are never among them.
 */
export function eventLog(logger: Logger, scope: LogScope): EventLog {
	const scopeText = textOf({ ...scope });
	return {
		chain: (event) => write(event.event, factsOf(event)),
		task: ({ event, ...facts }) => write(event, facts),
	};

	function write(event: string, facts: Facts): void {
		logger[levelOf(event, facts)](`resilient-llm ${event}${textOf(facts)}${scopeText}`, { event, ...facts, ...scope });
	}
}

/** The scope of log lines about a node that do not belong to the run of a task. */
export function nodeScope(context: NodeContext): Pick<LogScope, 'workflowId' | 'node'> {
	return { workflowId: context.getWorkflow().id ?? '', node: context.getNode().name };
}

interface NodeContext {
	getWorkflow(): { readonly id?: string | undefined };
	getNode(): { readonly name: string };
}

/** Writes one log line about something that does not belong to the run of a task, such as a human's decision. */
export function logEvent(logger: Pick<Logger, Level>, level: Level, event: string, facts: Facts): void {
	logger[level](`resilient-llm ${event}${textOf(facts)}`, { event, ...facts });
}

/** " key=value" for each fact that is known. */
function textOf(facts: Facts): string {
	let text = '';
	for (const key in facts) if (facts[key] !== undefined) text += ` ${key}=${shown(facts[key])}`;
	return text;
}

function factsOf(event: ChainEvent): Facts {
	switch (event.event) {
		case 'attempt-end': {
			const { attempt } = event;
			const failure = attempt.outcome === 'answered' ? {} : { reason: attempt.reason, status: attempt.httpStatus };
			return {
				tier: tierOfStep(attempt.step),
				step: attempt.step,
				provider: attempt.provider,
				model: attempt.model,
				attempt: attempt.attempt,
				outcome: attempt.outcome,
				...failure,
				latencyMs: attempt.latencyMs,
				waitMs: attempt.waitMs,
				costUsd: attempt.costUsd,
			};
		}
		case 'step-failover':
			return { fromStep: event.fromStep, toStep: event.toStep, reason: event.reason };
		case 'circuit-open':
			return { provider: event.provider, model: event.model, reopensAt: new Date(event.reopensAt).toISOString() };
		case 'circuit-close':
			return { provider: event.provider, model: event.model };
	}
}

const noteworthy = new Set(['step-failover', 'circuit-open', 'task-escalated', 'task-warning']);

function levelOf(event: string, facts: Facts): Level {
	return noteworthy.has(event) || facts.outcome === 'failed' ? 'warn' : 'info';
}

/**
 * A value as it is shown in the message. Text with spaces, line breaks or other special characters is written as a JSON
 * string, so that it can neither break the line nor look like another fact.
 */
function shown(value: Facts[string]): string {
	return typeof value === 'string' && !/^[\w.:/@-]+$/.test(value) ? JSON.stringify(value) : String(value);
}
