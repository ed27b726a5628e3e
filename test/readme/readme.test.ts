import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { answerFactsOf } from '../../nodes/ResilientLlm/tasks/answer-facts';
import { escalateItem } from '../../nodes/ResilientLlm/actions/generate/escalate-item';
import type { FinishedItem } from '../../nodes/ResilientLlm/actions/generate/finished-item';
import { successItem } from '../../nodes/ResilientLlm/actions/generate/success-item';
import type { Attempt } from '../../nodes/ResilientLlm/engine/attempt';
import { noUsage, type Completion } from '../../nodes/ResilientLlm/engine/completion';
import { attemptFields, escalateFields, successFields } from './fields';
import { readmeTables } from './tables';

const file = new URL('../../README.md', import.meta.url);

/** `UPDATE_README=1 npx vitest run --project unit test/readme` writes the tables anew. */
describe('the README', () => {
	const tables = readmeTables();

	it.each(Object.entries(tables))('shows the %s as the code has it', (name, table) => {
		const between = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);
		const before = readFileSync(file, 'utf8');
		expect(before, 'the markers are there').toMatch(between);
		const after = before.replace(between, (_, open: string, close: string) => `${open}${table}\n${close}`);
		if (process.env['UPDATE_README'] === '1') writeFileSync(file, after);
		else expect(before).toBe(after);
	});

	it('points only to files that exist', () => {
		const links = [...readFileSync(file, 'utf8').matchAll(/\]\((?!https?:|#)([^)]+)\)/g)].map(([, path]) => path!);
		expect(links.length).toBeGreaterThan(5);
		for (const link of links) expect(() => readFileSync(new URL(link, file)), link).not.toThrow(/ENOENT/);
	});
});

const call = {
	attempt: 1,
	step: 1,
	stepAttempt: 1,
	provider: 'anthropic',
	model: 'm',
	startedAt: '',
	latencyMs: 1,
	waitMs: 0,
	costUsd: 0,
} as const;

const finished: FinishedItem = {
	taskId: 't',
	itemIndex: 0,
	input: { json: {} },
	includeInput: true,
	content: { prompt: 'p', systemMessage: '' },
	origin: { executionId: '1', workflowId: 'w', workflowName: 'n', nodeId: 'i', nodeName: 'n' },
	latencyMs: 1,
	warnings: [],
};

describe('the fields the README lists', () => {
	const completion: Completion = {
		kind: 'completion',
		text: 'half',
		finishReason: 'length',
		model: 'm',
		usage: noUsage,
	};
	const attempts: Attempt[] = [
		{ ...call, outcome: 'failed', reason: 'overloaded', message: 'm', httpStatus: 529, requestId: 'r' },
		{ ...call, outcome: 'answered', usage: noUsage },
	];

	it('are those of a Success item', () => {
		const { json } = successItem(
			finished,
			answerFactsOf(
				{ kind: 'answered', completion, output: 'half', step: 1, truncated: true, attempts, warnings: [] },
				[],
			),
			false,
		);
		expect(Object.keys(json)).toEqual(Object.keys(successFields));
		const listed = (json['attempts'] as object[]).flatMap(Object.keys);
		expect(new Set(listed)).toEqual(new Set(Object.keys(attemptFields)));
	});

	it('are those of an Escalate item', () => {
		const { json } = escalateItem(finished, {
			reasonCode: 'all_models_failed',
			reason: 'All failed',
			draft: null,
			attempts,
			costUsd: 0,
			failedAt: 0,
			dueAt: null,
			reviewUrl: null,
			warnings: [],
			isStored: true,
		});
		expect(Object.keys(json)).toEqual(Object.keys(escalateFields));
	});
});
