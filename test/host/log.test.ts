import type { Logger } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';

import type { Attempt } from '../../nodes/ResilientLlm/engine/attempt';
import { eventLog } from '../../nodes/ResilientLlm/host/log';

const scope = { executionId: '7', workflowId: 'w', node: 'Resilient LLM', item: 0, taskId: 't' };

function recordingLogger() {
	const lines: Array<{ readonly level: string; readonly line: string; readonly facts: unknown }> = [];
	const at = (level: string) => (line: string, facts?: unknown) => void lines.push({ level, line, facts });
	const logger: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
	return { logger, lines };
}

it('writes one line per event, its facts both in the text and as data', () => {
	const { logger, lines } = recordingLogger();
	eventLog(logger, scope).chain({ event: 'circuit-open', provider: 'openAi', model: 'gpt-6-luna', reopensAt: 0 });
	expect(lines).toEqual([
		{
			level: 'warn',
			line: 'resilient-llm circuit-open provider=openAi model=gpt-6-luna reopensAt=1970-01-01T00:00:00.000Z executionId=7 workflowId=w node="Resilient LLM" item=0 taskId=t',
			facts: {
				event: 'circuit-open',
				provider: 'openAi',
				model: 'gpt-6-luna',
				reopensAt: '1970-01-01T00:00:00.000Z',
				...scope,
			},
		},
	]);
});

it('lets no model name fake a line', () => {
	const { logger, lines } = recordingLogger();
	eventLog(logger, scope).chain({
		event: 'circuit-close',
		provider: 'openAi',
		model: 'x\nresilient-llm task-answered',
	});
	expect(lines[0]?.line.split('\n')).toHaveLength(1);
});

describe('the level of an attempt', () => {
	const attempt = {
		attempt: 1,
		step: 1,
		stepAttempt: 1,
		provider: 'openAi',
		model: 'm',
		startedAt: '',
		latencyMs: 1,
		waitMs: 0,
		costUsd: 0,
	};

	it.each<[string, Attempt]>([
		['warn', { ...attempt, outcome: 'failed', reason: 'overloaded', message: 'no' }],
		['info', { ...attempt, outcome: 'answered' }],
		['info', { ...attempt, outcome: 'skipped', reason: 'circuit_open', message: 'open' }],
	])('is %s', (level, ended) => {
		const { logger, lines } = recordingLogger();
		eventLog(logger, scope).chain({ event: 'attempt-end', attempt: ended });
		expect(lines.map((line) => line.level)).toEqual([level]);
	});
});
