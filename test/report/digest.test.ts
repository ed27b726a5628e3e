import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { digestOf } from '../../nodes/ResilientLlm/report/digest';
import { createReport } from '../../nodes/ResilientLlm/report/report';
import { hostile } from '../review/sample-pages';
import { badDay, goodDay, hostileDay } from './sample-days';
import { call, now, place, requestOn, run, SampleLedger } from './sample-ledger';

const digest = async (ledger: SampleLedger, workflowId = '') =>
	digestOf(await createReport(requestOn(ledger, { workflowId })), 'Europe/Berlin');

describe('the digest', () => {
	it('tells a bad day on one screen', async () => {
		const text = await digest(badDay());
		expect(text).toMatch(/^\*Look here: of \d+ tasks in the last 24 hours, /);
		for (const line of [
			'The 24 hours to Fri, 20 Nov 2026, 14:05 CET',
			'*Why this is an alert*',
			'*What changed*',
			/- First model: \d\d%, \d+ tasks, 95% within 1\.\d s/,
			/- A human: [\d.]+%, \d+ tasks, 95% handed over within 1 min \d s/,
			/\*Failed calls: \d+ of [\d,]+\*/,
			/- Anthropic `claude-haiku-5-5` overloaded \(529\): \d+/,
			/- others: \d+/,
			/- Anthropic `claude-haiku-5-5` skipped after repeated failures: \d+/,
			/- All models failed: \d+ tasks/,
			/- at least \$1\.\d\d, \$0\.00\d+ per answered task/,
			/- The cost of \d+ calls is not known/,
			/- \d+ fallback answers cost \$0\.\d\d more than the first model would have/,
		])
			expect(text).toEqual(typeof line === 'string' ? expect.stringContaining(line) : expect.stringMatching(line));
	});

	it('is two lines long when nothing happened', async () => {
		expect(await digest(new SampleLedger())).toBe(
			'*No tasks in the last 24 hours.*\nThe 24 hours to Fri, 20 Nov 2026, 14:05 CET',
		);
	});

	it('fits into a section of Slack and on a screen, whatever happened', async () => {
		const models = fc.array(fc.string({ unit: 'binary', maxLength: 200 }), { minLength: 1, maxLength: 30 });
		await fc.assert(
			fc.asyncProperty(models, async (names) => {
				const ledger = badDay();
				for (const model of names)
					for (const outcome of ['failed', 'skipped'] as const)
						for (let each = 0; each < 99; each += 1) ledger.add(now, run(3, [call({ outcome, model })]));
				const text = await digest(ledger);
				expect(text.length).toBeLessThan(3000);
				expect(text.split('\n').length).toBeLessThanOrEqual(41);
			}),
			{ numRuns: 5 },
		);
	});

	it('fits into a section of Slack when there is as much to say as can be, with the longest names', async () => {
		const ledger = badDay();
		const long = { ...place, workflowName: 'A very long name of a workflow '.repeat(9) };
		for (let each = 0; each < 9; each += 1) {
			const names = { provider: `${each}`.repeat(99), model: `${each}`.repeat(99) };
			for (let times = 0; times < 400; times += 1)
				ledger.add(
					now,
					run(
						3,
						[
							call({ ...names, outcome: 'failed', reason: 'request_too_large', httpStatus: 413 }),
							call({ ...names, outcome: 'skipped', reason: 'circuit_open' }),
						],
						{ reasonCode: 'high_confidence_required' },
					),
					long,
				);
		}
		const text = digestOf(
			await createReport(
				requestOn(ledger, {
					thresholds: { maxFallbackRate: 1, maxEscalationRate: 1, maxCostUsd: 0.1, minimumTasks: 1 },
				}),
			),
			'UTC',
		);
		expect(text.length).toBeLessThan(3000);
		expect(text.split('\n').length).toBeLessThanOrEqual(41);
		for (const title of [
			'Why this is an alert',
			'What changed',
			'Failed calls',
			'Passed over',
			'Why tasks went',
			'Cost',
		])
			expect(text).toContain(`*${title}`);
	});

	it('mentions nobody and links nowhere, whatever a name says', async () => {
		const names = `<!channel> <https://evil.example|click> \` *b* ${hostile}`;
		for (const text of [await digest(hostileDay(names)), await digest(hostileDay(names), 'w1')]) {
			expect(text).not.toMatch(/[<>]/);
			// Every line has whole code spans only, and outside of them no name.
			for (const line of text.split('\n')) expect(line.split('`').length % 2).toBe(1);
			expect(text.replace(/`[^`]*`/g, '')).not.toMatch(/evil|channel/);
			expect(text).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u202A-\u202E]/);
		}
	});

	it('names the workflow it is about', async () => {
		expect(await digest(goodDay(), 'w2')).toContain('CET, workflow `Refund desk`\n');
		expect(await digest(new SampleLedger().add(now, run(1, [call()]), { ...place, workflowName: '' }), 'w1')).toContain(
			', workflow `w1`\n',
		);
	});
});
