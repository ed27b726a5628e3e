import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ResilientLlmReviewTrigger } from '../../nodes/ResilientLlm/ResilientLlmReviewTrigger.node';
import { triggerFixture } from './trigger-fixture';

const minute = 60_000;
const fixture = triggerFixture();
const { escalate, visit, execute } = fixture;

/** Items of the executions that the published trigger has started. */
let started: INodeExecutionData[][];
let unpublish: (() => Promise<void>)[];

beforeEach(() => {
	started = [];
	unpublish = [];
	vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
});

afterEach(async () => {
	for (const end of unpublish) await end();
	const { records } = await fixture.store().list({ states: ['resolved'], undelivered: true, limit: 100 });
	for (const record of records)
		if (record.state === 'resolved') await fixture.store().endDelivery(record.decision.decisionId);
	vi.useRealTimers();
});

async function publish(parameters: IDataObject = {}, mode: 'trigger' | 'manual' = 'trigger'): Promise<void> {
	const emit = ([items]: INodeExecutionData[][]) => void started.push(items ?? []);
	const { closeFunction } = await new ResilientLlmReviewTrigger().trigger.call(
		fixture.triggerContext(parameters, emit, mode),
	);
	if (closeFunction !== undefined) unpublish.push(closeFunction);
}

/** The store works on real time's queues meanwhile, so time goes on in steps. */
async function pass(ms: number): Promise<void> {
	for (let passed = 0; passed < ms; passed += 5_000) {
		await vi.advanceTimersByTimeAsync(5_000);
		for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
	}
}

async function decide(taskId: string, parameters: IDataObject = {}): Promise<readonly INodeExecutionData[]> {
	const form = { token: await escalate(taskId), decision: 'approve', reviewer: 'Grace Hopper' };
	const { status, items } = await visit({ form }, parameters);
	expect(status).toBe(200);
	return items ?? [];
}

const isDelivered = async (taskId: string) => {
	const record = await fixture.store().get(taskId);
	return record?.state === 'resolved' && record.decision.delivered;
};

describe('a decision', () => {
	it('whose execution ends is delivered, and no other is started', async () => {
		await publish();
		const items = await decide('normal');
		const { outputs, end, hints } = await execute(items);
		expect(outputs).toEqual([items]);
		await pass(10 * minute);
		expect(await isDelivered('normal')).toBe(false);
		await end();
		expect(await isDelivered('normal')).toBe(true);
		await pass(10 * minute);
		expect(started).toEqual([]);
		expect(hints).toEqual([]);
	});

	it('whose execution never started is handed over again within a minute, as it was, until one has ended', async () => {
		await publish();
		const items = await decide('lost');
		await pass(minute);
		expect(started).toEqual([items]);
		await pass(minute);
		expect(started).toEqual([items, items]);
		expect(fixture.log().filter((line) => line.includes('review-redelivered'))).toEqual([
			expect.stringContaining('handover=2 decision=approve taskId=lost'),
			expect.stringContaining('handover=3 decision=approve taskId=lost'),
		]);

		const { outputs, end } = await execute(started[1]!, { executionId: '18' });
		expect(outputs).toEqual([items]);
		await end();
		await pass(10 * minute);
		expect(started).toHaveLength(2);
	});

	it('that was undelivered when n8n stopped is handed over when the trigger starts again', async () => {
		const items = await decide('restarted');
		await pass(minute);
		await publish();
		await pass(5_000);
		expect(started).toEqual([items]);
	});

	it('is handed over by the trigger whose page took it alone', async () => {
		await decide('ours');
		const other = { ...fixture.node, id: 'another' };
		const emit = (items: INodeExecutionData[][]) => void started.push(items[0] ?? []);
		const context = fixture.triggerContext({}, emit);
		const { closeFunction } = await new ResilientLlmReviewTrigger().trigger.call({
			...context,
			getNode: () => other,
		} as typeof context);
		await pass(5 * minute);
		await closeFunction?.();
		expect(started).toEqual([]);
		await publish();
		await pass(5_000);
		expect(started).toHaveLength(1);
	});

	it('waits while nobody publishes the workflow, and a manual run takes it from nobody', async () => {
		await decide('unpublished');
		await publish({}, 'manual');
		await pass(5 * minute);
		expect(started).toEqual([]);
		expect(await isDelivered('unpublished')).toBe(false);
	});

	it('is not handed over any more once the trigger is closed, even when it was being asked for', async () => {
		await decide('closed');
		await pass(minute);
		await publish();
		vi.advanceTimersByTime(5_000);
		for (const end of unpublish) await end();
		await pass(minute);
		expect(started).toEqual([]);
		expect(vi.getTimerCount()).toBe(0);
	});

	it('is not handed over while an execution of this process works on it, whatever the store has heard of that', async () => {
		await publish();
		const { end } = await execute(await decide('unheard'));
		const silent = vi.spyOn(fixture.store(), 'beginDelivery').mockRejectedValue(new Error('does not answer'));
		await pass(10 * minute);
		silent.mockRestore();
		expect(started).toEqual([]);
		await end();
	});

	it('comes without its attempts where nobody wants them, also when it comes again', async () => {
		await publish({ includeAttempts: false });
		const items = await decide('slim', { includeAttempts: false });
		await pass(minute);
		expect(started).toEqual([items]);
		expect(items[0]?.json).not.toHaveProperty('attempts');
	});
});

describe('looking for undelivered decisions', () => {
	it('says each trouble with the store once, until it is over, and goes on', async () => {
		const lines = () => fixture.log().filter((line) => line.includes('review-redelivery-failed')).length;
		const items = await decide('in trouble');
		const broken = vi.spyOn(fixture.store(), 'handOver').mockRejectedValue(new Error('does not answer'));
		await publish();
		await pass(10 * minute);
		expect(lines()).toBe(1);
		broken.mockRejectedValue(new Error('refuses the password'));
		await pass(10 * minute);
		expect(lines()).toBe(2);
		broken.mockRestore();
		await pass(20_000);
		expect(started).toEqual([items]);
		vi.spyOn(fixture.store(), 'handOver').mockRejectedValueOnce(new Error('refuses the password'));
		await pass(20_000);
		expect(lines()).toBe(3);
	});
});

describe('a second execution with one decision', () => {
	it('ends at once, and says why, while the first one works on it and after it has ended', async () => {
		const items = await decide('twice');
		const first = await execute(items, { executionId: '21' });
		const second = await execute(items, { executionId: '22' });
		expect(second.outputs).toEqual([[]]);
		expect(second.hints).toEqual(['Execution 21 works on this decision already, so this one ends here.']);
		await second.end();
		expect(await isDelivered('twice')).toBe(false);
		await first.end();

		const third = await execute(items, { executionId: '23' });
		expect(third.outputs).toEqual([[]]);
		expect(third.hints).toEqual(['An earlier execution has ended with this decision, so this one ends here.']);
		expect(fixture.log().filter((line) => line.includes('review-already-delivered'))).toEqual([
			expect.stringContaining('by=21'),
			expect.stringContaining('executionId=23'),
		]);
	});

	it('leaves decisions of others and reminders alone', async () => {
		const done = await decide('done');
		await (await execute(done)).end();
		const open = await decide('open');
		const reminder = { json: { overdue: true } };
		const { outputs, end } = await execute([...done, ...open, reminder], { parameters: { remindOverdue: true } });
		expect(outputs).toEqual([open, [reminder]]);
		await end();
	});
});

describe('an execution that cannot be followed to its end', () => {
	it('goes on with a decision of an older version of this package', async () => {
		const items = [{ json: { decision: 'approve', taskId: 'old' } }];
		expect((await execute(items)).outputs).toEqual([items]);
		expect(fixture.log()).toEqual([]);
	});

	it('goes on with a decision that the store does not know, and says so in the log', async () => {
		const items = [{ json: { decision: 'approve', decisionId: 'of another store' } }];
		expect((await execute(items)).outputs).toEqual([items]);
		expect(fixture.log()).toEqual([expect.stringContaining('review-delivery-failed')]);
	});

	it('goes on when the store cannot be opened, and says so in the log', async () => {
		const items = await decide('closed store');
		const { outputs } = await execute(items, { parameters: { taskStore: 'redis' } });
		expect(outputs).toEqual([items]);
		expect(fixture.log().join()).toContain('The task store has no credential');
	});

	it('counts as the delivery at its start, where n8n does not tell of its end', async () => {
		const items = await decide('no hooks');
		expect((await execute(items, { hooks: false })).outputs).toEqual([items]);
		expect(await isDelivered('no hooks')).toBe(true);
	});

	it('in queue mode with an embedded store: what n8n was given counts as delivered after a while', async () => {
		vi.stubEnv('EXECUTIONS_MODE', 'queue');
		await publish();
		const items = await decide('queued');
		expect((await execute(items)).outputs).toEqual([items]);
		await pass(5 * minute);
		expect(started).toEqual([]);
		expect(await isDelivered('queued')).toBe(true);
		vi.unstubAllEnvs();
	});

	it('also when it was handed over again', async () => {
		const items = await decide('queued again');
		vi.stubEnv('EXECUTIONS_MODE', 'queue');
		await publish();
		await pass(5 * minute);
		expect(started).toEqual([items]);
		expect(await isDelivered('queued again')).toBe(true);
		vi.unstubAllEnvs();
	});
});
