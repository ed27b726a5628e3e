import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { LedgerFacets } from '../../nodes/ResilientLlm/engine/store/ledger';
import type { CallGroup, GroupBy, TaskGroup } from '../../nodes/ResilientLlm/report/groups';
import { createReport, type Report, type ReportRequest } from '../../nodes/ResilientLlm/report/report';
import { badDay, goodDay, quietDay } from './sample-days';
import { call, hour, minute, now, place, requestOn, run, SampleLedger, type SampleCall } from './sample-ledger';

const reportOn = async (ledger: SampleLedger, more?: Partial<ReportRequest>): Promise<Report> =>
	await createReport(requestOn(ledger, more));
const end = Date.parse('2026-11-20T13:05:00Z');

describe('the window', () => {
	it('ends with the minute that runs, and is compared with the same time before', async () => {
		const { window } = await reportOn(new SampleLedger());
		expect(window).toEqual({
			hours: 24,
			from: '2026-11-19T13:05:00.000Z',
			to: '2026-11-20T13:05:00.000Z',
			previous: { from: '2026-11-18T13:05:00.000Z', to: '2026-11-19T13:05:00.000Z' },
		});
	});

	it('counts from its first minute on, and what came before as before', async () => {
		const ledger = new SampleLedger();
		for (const at of [end - minute, end - 24 * hour]) ledger.add(at, run(1, [call()]));
		for (const at of [end - 24 * hour - 1, end - 48 * hour]) ledger.add(at, run(2, [call()]));
		for (const at of [end, end - 48 * hour - 1]) ledger.add(at, run(3, [call()]));
		const { trend, totals } = await reportOn(ledger);
		expect([totals.tier1.tasks, totals.tier2.tasks, totals.tier3.tasks]).toEqual([2, 0, 0]);
		expect(trend.tasks).toMatchObject({ now: 2, before: 2 });
		expect(trend.fallbackRate).toMatchObject({ now: 0, before: 1 });
	});

	it.each([6, 7, 23, 24, 25, 61, 1440, 43_200])(
		'of %d minutes is asked for in at most 24 even slices without a gap, one at a time',
		async (minutes) => {
			const ledger = new SampleLedger();
			let atOnce = 0;
			let pauses = 0;
			const slow = {
				tally: async (query: Parameters<SampleLedger['tally']>[0]) => {
					expect((atOnce += 1)).toBe(1);
					await Promise.resolve();
					atOnce -= 1;
					return await ledger.tally(query);
				},
			};
			const { series, window } = await createReport(
				requestOn(slow, { minutes, pause: async () => void (pauses += 1) }),
			);
			const slices = Math.min(24, minutes);
			expect(ledger.queries).toHaveLength(2 * slices);
			expect(pauses).toBe(2 * slices);
			expect(series).toHaveLength(slices);
			const edges = [...ledger.queries.map(({ from }) => from), ledger.queries.at(-1)!.to];
			expect(
				edges.every((edge, index) => edge % minute === 0 && (index === 0 || edge === ledger.queries[index - 1]!.to)),
			).toBe(true);
			expect(edges.at(-1)! - edges[0]!).toBe(2 * minutes * minute);
			expect([series[0]!.from, series.at(-1)!.to]).toEqual([window.from, window.to]);
			const widths = ledger.queries.map(({ from, to }) => (to - from) / minute);
			expect(Math.max(...widths) - Math.min(...widths)).toBeLessThanOrEqual(1);
		},
	);
});

const someCall: fc.Arbitrary<SampleCall> = fc.record({
	step: fc.integer({ min: 1, max: 3 }),
	provider: fc.constantFrom('anthropic', 'openAi', 'gemini'),
	model: fc.constantFrom('a', 'b'),
	outcome: fc.constantFrom('answered', 'failed', 'skipped'),
	reason: fc.constantFrom('overloaded', 'timeout', 'circuit_open', 'cancelled'),
	latencyMs: fc.integer({ min: 0, max: 60_000 }),
	costUsd: fc.constantFrom(null, 0, 0.001, 0.25),
});

const someRun = fc.record({
	minutesAgo: fc.integer({ min: 0, max: 48 * 60 - 1 }),
	tier: fc.constantFrom(1, 2, 3),
	extraCostUsd: fc.constantFrom(null, -0.5, 0.125),
	workflow: fc.constantFrom('w1', 'w2'),
	calls: fc.array(someCall, { maxLength: 4 }),
	ended: fc.boolean(),
});

const sum = <Row>(rows: readonly Row[], value: (row: Row) => number): number =>
	rows.reduce((total, row) => total + value(row), 0);

describe('the numbers', () => {
	it('add up, whatever happened', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(someRun, { maxLength: 40 }),
				fc.constantFrom<GroupBy>('model', 'provider', 'workflow', 'node'),
				fc.constantFrom('', 'w1', 'w2'),
				async (runs, groupBy, workflowId) => {
					const ledger = new SampleLedger();
					for (const { minutesAgo, tier, calls, extraCostUsd, workflow, ended } of runs) {
						const numbers = run(tier, calls.map(call), { extraCostUsd: tier === 2 ? extraCostUsd : null });
						ledger.add(end - (minutesAgo + 1) * minute, ended ? numbers : { ...numbers, end: null }, {
							...place,
							workflowId: workflow,
						});
					}
					const { totals, series, groups, failures, skipped, escalations, trend } = await reportOn(ledger, {
						groupBy,
						workflowId,
					});

					const mine = runs.filter(
						({ minutesAgo, workflow }) => minutesAgo < 24 * 60 && (workflowId === '' || workflow === workflowId),
					);
					const tasks = mine.filter(({ ended }) => ended);
					const calls = mine.flatMap((each) => each.calls);
					const countOf = (outcome: SampleCall['outcome']) => calls.filter((each) => each.outcome === outcome).length;
					expect([totals.tier1.tasks, totals.tier2.tasks, totals.tier3.tasks]).toEqual(
						[1, 2, 3].map((tier) => tasks.filter((task) => task.tier === tier).length),
					);
					expect(totals.tasks).toBe(tasks.length);
					expect(totals.attempts).toMatchObject({
						answered: countOf('answered'),
						failed: countOf('failed'),
						skipped: countOf('skipped'),
						calls: countOf('answered') + countOf('failed'),
					});
					const called = calls.filter(({ outcome }) => outcome !== 'skipped');
					expect(totals.costUsd).toBeCloseTo(
						sum(called, ({ costUsd }) => costUsd ?? 0),
						9,
					);
					expect(totals.unpricedLines).toBe(called.filter(({ costUsd }) => costUsd === null).length);
					const compared = tasks.filter(({ tier, extraCostUsd }) => tier === 2 && extraCostUsd !== null);
					expect(totals.fallbacks.comparedTasks).toBe(compared.length);
					expect(totals.fallbacks.extraCostUsd).toBe(
						compared.length === 0 ? null : sum(compared, ({ extraCostUsd }) => extraCostUsd!),
					);

					const shares = [totals.tier1.share, totals.tier2.share, totals.tier3.share];
					if (tasks.length === 0) expect(shares).toEqual([null, null, null]);
					else expect(sum(shares, (share) => share!)).toBeCloseTo(1, 12);
					expect([totals.fallbackRate, totals.escalationRate]).toEqual([totals.tier2.share, totals.tier3.share]);

					expect(sum(series, (point) => point.tasks)).toBe(totals.tasks);
					for (const tier of ['tier1', 'tier2', 'tier3'] as const)
						expect(sum(series, (point) => point[tier])).toBe(totals[tier].tasks);
					expect(sum(series, ({ failedCalls }) => failedCalls)).toBe(totals.attempts.failed);
					expect(sum(series, ({ costUsd }) => costUsd)).toBeCloseTo(totals.costUsd, 9);
					expect(sum(series, ({ unpricedCalls }) => unpricedCalls)).toBe(totals.unpricedLines);

					expect(sum(failures, ({ count }) => count)).toBe(totals.attempts.failed);
					expect(sum(skipped, ({ count }) => count)).toBe(totals.attempts.skipped);
					for (const { count, models } of [...failures, ...skipped])
						expect(sum(models, (model) => model.count)).toBe(count);
					expect(sum(escalations, ({ count }) => count)).toBe(totals.tier3.tasks);

					expect(sum(groups, ({ costUsd }) => costUsd)).toBeCloseTo(totals.costUsd, 9);
					expect(sum(groups, ({ unpricedCalls }) => unpricedCalls)).toBe(totals.unpricedLines);
					if (groupBy === 'model' || groupBy === 'provider')
						for (const name of ['calls', 'answered', 'failed', 'skipped'] as const)
							expect(sum(groups as readonly CallGroup[], (group) => group[name])).toBe(totals.attempts[name]);
					else expect(sum(groups as readonly TaskGroup[], (group) => group.tasks)).toBe(totals.tasks);

					for (const { now: current, before, change, changePercent } of Object.values(trend)) {
						if (current === null || before === null) expect([change, changePercent]).toEqual([null, null]);
						else expect(Math.sign(change!)).toBe(Math.sign(Number((current - before).toFixed(12))));
						if (changePercent !== null) expect(Math.sign(changePercent)).toBe(Math.sign(change!));
					}
					expect(JSON.stringify({ totals, series, groups, failures, trend })).not.toContain('NaN');
				},
			),
			{ numRuns: 150 },
		);
	});

	it('know what an unknown cost is not', async () => {
		const ledger = new SampleLedger()
			.add(now, run(1, [call({ costUsd: null })]))
			.add(now, run(2, [call({ outcome: 'failed', costUsd: null }), call({ step: 2, costUsd: 0.5 })]))
			.add(now, run(3, []));
		const { totals, headline } = await reportOn(ledger);
		expect(totals).toMatchObject({
			costUsd: 0.5,
			unpricedLines: 2,
			costPerAnsweredTaskUsd: 0.25,
			tier1: { costUsd: 0, unpricedTasks: 1 },
			tier2: { costUsd: 0, unpricedTasks: 1 },
		});
		expect(headline).toContain('Cost: at least $0.50.');
		expect((await reportOn(new SampleLedger().add(now, run(1, [call({ costUsd: null })])))).headline).toContain(
			'Cost: not known.',
		);
	});

	it('tell failures by reason and status, most frequent first, and models passed over apart', async () => {
		const ledger = new SampleLedger();
		const failed = (more: SampleCall) => call({ outcome: 'failed', ...more });
		ledger.add(
			now,
			run(3, [
				failed({ httpStatus: 503 }),
				failed({ httpStatus: 529 }),
				failed({ httpStatus: 529 }),
				failed({ httpStatus: 529, model: 'other' }),
				failed({ reason: 'network' }),
			]),
		);
		ledger.add(now, run(3, [call({ outcome: 'skipped', reason: 'circuit_open' })]));
		const { failures, skipped, escalations } = await reportOn(ledger);
		expect(failures.map(({ reason, httpStatus, count }) => [reason, httpStatus, count])).toEqual([
			['overloaded', 529, 3],
			['overloaded', 503, 1],
			['network', null, 1],
		]);
		expect(failures[0]).toMatchObject({
			meaning: 'The service has no capacity (529, 503)',
			models: [
				{ provider: 'anthropic', model: 'claude-haiku-5-5', count: 2 },
				{ model: 'other', count: 1 },
			],
		});
		expect(skipped).toMatchObject([{ reason: 'circuit_open', count: 1 }]);
		expect(escalations).toEqual([{ reasonCode: 'all_models_failed', meaning: 'All models failed', count: 2 }]);
	});

	it('measure the latency of a model by the calls that it answered', async () => {
		const ledger = new SampleLedger().add(
			now,
			run(1, [call({ outcome: 'failed', reason: 'timeout', latencyMs: 45_000 }), call({ latencyMs: 1000 })]),
		);
		const { groups } = await reportOn(ledger);
		expect(groups).toMatchObject([
			{
				key: 'anthropic/claude-haiku-5-5',
				provider: 'anthropic',
				model: 'claude-haiku-5-5',
				calls: 2,
				answered: 1,
				failed: 1,
				failureRate: 0.5,
			},
		]);
		expect(groups[0]!.latencyMs.p99).toBeGreaterThan(980);
		expect(groups[0]!.latencyMs.p99).toBeLessThan(1020);
	});

	it('weigh a latency by how often it was measured', async () => {
		const ledger = new SampleLedger();
		for (let each = 0; each < 99; each += 1)
			ledger.add(now, run(each % 2 === 0 ? 1 : 2, [call()], { latencyMs: 1000 }));
		ledger.add(now, run(1, [call()], { latencyMs: 60_000 })).add(now, run(3, [], { latencyMs: 90_000 }));
		const { latencyMs, tier3 } = (await reportOn(ledger)).totals;
		for (const percentile of [latencyMs.p50, latencyMs.p95, latencyMs.p99])
			expect(Math.abs(percentile! - 1000)).toBeLessThanOrEqual(20);
		expect(Math.abs(tier3.latencyMs.p50! - 90_000)).toBeLessThanOrEqual(1800);
	});

	it('call a workflow by its newest name', async () => {
		const ledger = new SampleLedger()
			.add(now - 2 * hour, run(1, [call()]), { ...place, workflowName: 'Old' })
			.add(now, run(1, [call()]), { ...place, workflowName: 'New' });
		expect((await reportOn(ledger, { groupBy: 'workflow' })).groups).toMatchObject([
			{ key: 'w1', workflowId: 'w1', workflowName: 'New', tasks: 2 },
		]);
		expect((await reportOn(ledger, { workflowId: 'w1' })).workflow).toEqual({ id: 'w1', name: 'New' });
		expect((await reportOn(ledger, { workflowId: 'w9' })).totals.tasks).toBe(0);
	});

	it('hold nothing of a time that is over: memory does not grow with the slices', async () => {
		const facets: LedgerFacets = {
			...place,
			kind: 'attempt',
			tier: 1,
			provider: 'p',
			model: 'm',
			outcome: 'answered',
			reason: null,
			httpStatus: null,
		};
		const sums = Array.from({ length: 400 }, (_, latencyBucket) => ({
			facets,
			lines: 1000,
			latencies: new Map([[latencyBucket, 1000]]),
			pricedLines: 1000,
			costUsd: 1,
			comparedLines: 0,
			extraCostUsd: 0,
		}));
		const { totals, groups } = await createReport(requestOn({ tally: async () => sums }, { minutes: 43_200 }));
		expect(totals.attempts.calls).toBe(24 * 400 * 1000);
		expect(groups).toHaveLength(1);
	});
});

describe('an alert', () => {
	const tasks = (
		counts: { readonly first?: number; readonly fallback?: number; readonly human?: number },
		at = now,
	) => {
		const ledger = new SampleLedger();
		for (let each = 0; each < (counts.first ?? 0); each += 1) ledger.add(at, run(1, [call()]));
		for (let each = 0; each < (counts.fallback ?? 0); each += 1)
			ledger.add(at, run(2, [call({ outcome: 'failed' }), call({ step: 2 })]));
		for (let each = 0; each < (counts.human ?? 0); each += 1) ledger.add(at, run(3, [call({ outcome: 'failed' })]));
		return ledger;
	};
	const limits = { maxFallbackRate: 20, maxEscalationRate: 5, maxCostUsd: 0, minimumTasks: 10 };

	it.each([
		['as many fallbacks as allowed', { first: 8, fallback: 2 }, limits, false],
		['one more', { first: 79, fallback: 21 }, limits, true],
		['as many humans as allowed', { first: 95, human: 5 }, limits, false],
		['one more human', { first: 94, human: 6 }, limits, true],
		['one task too few to judge', { first: 0, human: 9 }, limits, false],
		['just enough to judge', { first: 0, human: 10 }, limits, true],
		['nothing but fallbacks, allowed', { fallback: 50 }, { ...limits, maxFallbackRate: 100 }, false],
		['none allowed, and none', { first: 50 }, { ...limits, maxFallbackRate: 0, maxEscalationRate: 0 }, false],
		['none allowed, and one', { first: 49, fallback: 1 }, { ...limits, maxFallbackRate: 0 }, true],
		['the money allowed', { first: 4 }, { ...limits, maxCostUsd: 0.004 }, false],
		['more money, however few tasks', { first: 5 }, { ...limits, maxCostUsd: 0.004 }, true],
		['no limit on money', { first: 5000 }, limits, false],
	])('%s', async (_, counts, thresholds, alert) => {
		const report = await reportOn(tasks(counts), { thresholds });
		expect(report.alert).toBe(alert);
		expect(report.alertReasons).toHaveLength(alert ? 1 : 0);
		expect(report.headline.startsWith('Look here: ')).toBe(alert);
		expect(report.health === 'alert').toBe(alert);
	});

	it('says what, how much, which limit, how it was before, and since when', async () => {
		const { alertReasons, headline } = await reportOn(badDay(), {
			timeZone: 'Europe/Berlin',
			thresholds: { ...limits, maxCostUsd: 1 },
		});
		expect(alertReasons).toEqual([
			expect.stringMatching(
				/^2\d% of the tasks needed a fallback \(\d+ of \d+\); the limit is 20%\. In the 24 hours before it was [\d.]+%\. Nine in ten of them came after 20 Nov, 0\d:05\.$/,
			),
			expect.stringMatching(
				/^[\d.]+% of the tasks went to a human \(\d+ of \d+\); the limit is 5%\. In the 24 hours before it was 0%\. Nine in ten/,
			),
			expect.stringMatching(
				/^\$1\.\d\d was spent; the limit is \$1\.00\. The cost of \d+ calls is not known and comes on top\. In the 24 hours before it was \$\d\.\d\d\.$/,
			),
		]);
		expect(headline).toMatch(
			/^Look here: of \d+ tasks in the last 24 hours, 2\d% needed a fallback and [\d.]+% went to a human\. Cost: at least \$1\.\d\d\. Most frequent failure: Anthropic overloaded \(529\), \d+ calls\.$/,
		);
	});

	it('names the time after which nine in ten of them came, unless they always did', async () => {
		const ledger = tasks({ human: 10 }, now - 20 * hour);
		const later = async (): Promise<string> => (await reportOn(ledger)).alertReasons[0]!;
		expect(await later()).not.toContain('Nine in ten');
		for (const [ago, count] of [
			[6, 80],
			[1, 100],
		] as const)
			for (let each = 0; each < count; each += 1) ledger.add(now - ago * hour, run(3, []));
		expect(await later()).toContain('Nine in ten of them came after 20 Nov, 06:05.');
	});

	it('never says that a rate above the limit is the limit', async () => {
		const { alertReasons } = await reportOn(tasks({ first: 3995, fallback: 1001 }), { thresholds: limits });
		expect(alertReasons[0]).toMatch(/^20\.04% .* the limit is 20%/);
	});

	it('says that there was nothing to compare with', async () => {
		expect((await reportOn(tasks({ human: 20 }))).alertReasons[0]).toContain(
			'There were no tasks in the 24 hours before.',
		);
	});
});

describe('in plain words', () => {
	it('nothing happened', async () => {
		const silent = await reportOn(new SampleLedger());
		expect(silent).toMatchObject({
			headline: 'No tasks in the last 24 hours.',
			alert: false,
			health: 'silent',
			changes: [],
			failures: [],
			groups: [],
		});
		expect(silent.totals).toMatchObject({
			tasks: 0,
			fallbackRate: null,
			escalationRate: null,
			costUsd: 0,
			costPerAnsweredTaskUsd: null,
			latencyMs: { p50: null, p95: null, p99: null },
			fallbacks: { extraCostUsd: null },
		});
		expect(JSON.stringify(silent)).not.toMatch(/NaN|Infinity/);
	});

	it('nothing happens any more', async () => {
		const ledger = new SampleLedger();
		for (let each = 0; each < 40; each += 1) ledger.add(now - 30 * hour, run(1, [call()]));
		const { headline, changes, alert } = await reportOn(ledger);
		expect(headline).toBe('No tasks in the last 24 hours. In the 24 hours before there were 40.');
		expect(changes).toContain('Fewer tasks: 0 tasks, 40 before.');
		expect(alert).toBe(false);
	});

	it('all is well', async () => {
		const { headline, health, changes } = await reportOn(goodDay());
		expect(headline).toMatch(
			/^All well: the first model answered 9\d% of \d+ tasks in the last 24 hours and a fallback [\d.]+%\. Cost: at least \$1/,
		);
		expect(health).toBe('well');
		expect(changes).toEqual([]);
	});

	it('it got worse, within the limits', async () => {
		const { headline, health, changes } = await reportOn(badDay(), {
			thresholds: { maxFallbackRate: 90, maxEscalationRate: 90, maxCostUsd: 0, minimumTasks: 10 },
		});
		expect(headline).toMatch(/^Within the limits, but worse than before: /);
		expect(health).toBe('worse');
		expect(changes.map((change) => change.split(':')[0])).toEqual([
			'New',
			'New',
			'New',
			'More tasks needed a fallback',
			'More tasks went to a human',
			'More calls failed',
			'Slower',
		]);
		expect(changes[0]).toMatch(/^New: \d+ calls failed as “overloaded \(529\)”, none before\.$/);
	});

	it('it got better', async () => {
		const ledger = badDay();
		for (let each = 0; each < 400; each += 1) ledger.add(now + hour, run(1, [call()]));
		const after = await reportOn(ledger, { now: now + 24 * hour });
		expect(after.health).toBe('well');
		expect(after.changes.join()).toMatch(
			/Fewer tasks needed a fallback: 0%, 2\d% before\..*Fewer tasks went to a human.*Fewer calls failed.*Faster: /,
		);
	});

	it('too little happened to judge', async () => {
		const { headline, health, alert } = await reportOn(quietDay());
		expect(headline).toMatch(
			/^Too few tasks to judge: the first model answered 50% of 2 tasks in the last 24 hours and 1 went to a human\./,
		);
		expect([health, alert]).toEqual(['unclear', false]);
	});

	it('chance is no news', async () => {
		const ledger = new SampleLedger();
		for (let each = 0; each < 40; each += 1) ledger.add(now - 30 * hour, run(each < 2 ? 2 : 1, [call()]));
		for (let each = 0; each < 40; each += 1) ledger.add(now, run(each < 4 ? 2 : 1, [call()]));
		expect((await reportOn(ledger)).changes).toEqual([]);

		const few = new SampleLedger();
		for (let each = 0; each < 12; each += 1) few.add(each < 4 ? now - 30 * hour : now, run(1, []));
		expect((await reportOn(few)).changes).toEqual([]);
	});
});
