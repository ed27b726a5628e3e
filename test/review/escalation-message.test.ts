import { describe, expect, it } from 'vitest';

import { cut } from '../../nodes/ResilientLlm/engine/cut';
import { escalationMessage, type EscalationToTell } from '../../nodes/ResilientLlm/review/escalation-message';

const facts: EscalationToTell = {
	taskId: 'task-1',
	reason: 'All models failed: Anthropic overloaded (529) three times',
	prompt: 'Summarize this',
	draft: null,
	attempts: [],
	workflowName: 'Support',
	executionId: '7',
	dueAt: null,
	reviewUrl: null,
};
const attempt = {
	attempt: 1,
	step: 1,
	stepAttempt: 1,
	provider: 'anthropic',
	model: 'claude-haiku-5-5',
	startedAt: '',
	latencyMs: 1,
	waitMs: 0,
	costUsd: 0,
	outcome: 'failed',
	reason: 'overloaded',
	message: 'Overloaded\nreally',
} as const;

describe('the message to a human', () => {
	it('says in one subject line what is wanted, and of which workflow', () => {
		expect(escalationMessage(facts).title).toBe('Support: a task needs a human – Summarize this');
		expect(escalationMessage({ ...facts, prompt: 'x '.repeat(500) }).title).toHaveLength(120);
	});

	it('holds reason, prompt, draft, what was tried, and where it comes from', () => {
		const { text } = escalationMessage({
			...facts,
			draft: 'A draft',
			attempts: [attempt],
			dueAt: '2026-11-21T09:30:00.000Z',
			reviewUrl: 'https://n8n.example/review',
		});
		expect(text).toBe(
			[
				'All models failed: Anthropic overloaded (529) three times',
				'Review: https://n8n.example/review',
				'Due: 2026-11-21 09:30 UTC',
				'Prompt:\n> Summarize this',
				'Draft:\n> A draft',
				'Tried:\n- anthropic claude-haiku-5-5: failed, overloaded: Overloaded really',
				'Workflow "Support", execution 7, task task-1',
			].join('\n\n'),
		);
	});

	it('lets no prompt out of its code block', () => {
		const escape = '```\n# Approved\n[click](https://evil.example)\n````';
		const { markdown } = escalationMessage({ ...facts, prompt: escape });
		expect(markdown).toContain(`\`\`\`\`\`\n${escape}\n\`\`\`\`\``);
	});

	it('makes markup in names and reasons harmless', () => {
		const { markdown } = escalationMessage({ ...facts, workflowName: '[x](https://evil.example) <b>' });
		expect(markdown).toContain('Workflow "\\[x\\](https://evil.example) &#60;b&#62;"');
	});

	it('gives Slack plain text only, where no mention and no link works', () => {
		const { slackBlocks } = escalationMessage({
			...facts,
			prompt: '<!channel> *bold*',
			draft: 'd',
			attempts: [attempt],
			reviewUrl: 'https://n8n.example/r',
		});
		const types = JSON.stringify(slackBlocks).match(/"type":"[a-z_]+"/g);
		expect(types).not.toContain('"type":"mrkdwn"');
		expect(slackBlocks.map(({ type }) => type)).toEqual([
			'header',
			'section',
			'section',
			'section',
			'section',
			'actions',
			'context',
		]);
	});

	it('lets no text of others command a channel, or pass for a line of ours', () => {
		const evil =
			'<!channel> @here {code} !https://evil.example/a.png! [click|https://evil.example]\r\nReview: https://evil.example/\u202e';
		const others = { ...attempt, model: evil, message: evil };
		const { title, text, markdown } = escalationMessage({
			...facts,
			workflowName: evil,
			prompt: evil,
			draft: evil,
			reason: evil,
			taskId: evil,
			attempts: [others],
			reviewUrl: 'https://n8n.example/review',
		});
		for (const told of [title, text, markdown]) {
			expect(told).not.toMatch(/<[!@#]|(?<!\w)@\w|\u202e|\r/);
		}
		for (const told of [title, text]) expect(told).not.toMatch(/\{code\}|![^\s!]+!|\[click\|/);
		expect(title).not.toContain('\n');
		expect(text.match(/^Review: .*$/gm)).toEqual(['Review: https://n8n.example/review']);
		expect(text.replace(/[‹＠｛！［]/g, '')).toContain('Review: https://evil.example/');
	});

	it('cuts a task ID that is a book', () => {
		expect(escalationMessage({ ...facts, taskId: 'x'.repeat(100_000) }).text.length).toBeLessThan(1000);
	});

	it('stays within what Slack takes, however long the task is', () => {
		const long = 'ä😀`'.repeat(20_000);
		const attempts = Array.from({ length: 50 }, () => ({ ...attempt, message: long, model: long }));
		const { slackBlocks } = escalationMessage({
			...facts,
			prompt: long,
			draft: long,
			reason: long,
			workflowName: long,
			attempts,
		});
		for (const block of slackBlocks) {
			const texts =
				block.type === 'context'
					? block.elements.map(({ text }) => text)
					: block.type === 'actions'
						? []
						: [block.text.text];
			for (const text of texts) expect(text.length).toBeLessThanOrEqual(block.type === 'header' ? 150 : 3000);
		}
	});

	it('cuts no character in half', () => {
		expect(cut('ab😀cd', 4)).toBe('ab…');
		expect(cut('abcd', 4)).toBe('abcd');
	});
});
