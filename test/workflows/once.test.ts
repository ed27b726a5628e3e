import type { IDataObject } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';

import { generate, useVendors } from './fixture';
import { credentialsFor, step } from './resilient-workflow';

const suite = useVendors();

/** Each test has tasks of its own in the one store that all of them share. */
let tests = 0;

function onceParameters(more: IDataObject = {}): IDataObject {
	return {
		taskId: '={{ $json.id }}',
		preventDuplicates: true,
		providerOrder: { step: [step('anthropic', 'claude-haiku-5-5')] },
		...more,
	};
}

const ticket = (more: IDataObject = {}) => ({ json: { id: `ticket-${tests}`, text: 'Summarize the ticket', ...more } });

function newTicket() {
	tests += 1;
	return ticket();
}

describe('Process Each Task Only Once', () => {
	it('pays for a task once and replays its answer in later executions, at no cost', async () => {
		const items = [newTicket()];
		const first = await generate(suite.vendors, { items, parameters: onceParameters() });
		const second = await generate(suite.vendors, { items, parameters: onceParameters() });

		expect(suite.vendors.calls).toHaveLength(1);
		expect(first.success[0]?.json).toMatchObject({ output: 'fine', replayed: false, costUsd: 0.00015 });
		expect(second.success[0]?.json).toMatchObject({
			output: 'fine',
			replayed: true,
			costUsd: 0,
			attempts: [{ costUsd: 0.00015 }],
			taskId: `ticket-${tests}`,
		});
		expect(Object.keys(second.success[0]!.json)).toEqual(Object.keys(first.success[0]!.json));
	});

	it('runs duplicates within one batch once; every item still comes out, in order and paired', async () => {
		const one = newTicket();
		const other = newTicket();
		const { success } = await generate(suite.vendors, {
			items: [one, other, one, one, other],
			parameters: onceParameters(),
		});

		expect(suite.vendors.calls).toHaveLength(2);
		expect(success.map(({ pairedItem, json }) => [pairedItem, json.taskId])).toEqual(
			[one, other, one, one, other].map(({ json }, item) => [{ item }, json.id]),
		);
		expect(success.filter(({ json }) => json.replayed === false)).toHaveLength(2);
	});

	it('derives the task from its input when there is no ID', async () => {
		const items = [{ json: { text: `Unique ${Math.random()}` } }];
		const parameters = onceParameters({ taskId: '' });
		await generate(suite.vendors, { items, parameters });
		const again = await generate(suite.vendors, { items, parameters });

		expect(suite.vendors.calls).toHaveLength(1);
		expect(again.success[0]?.json.replayed).toBe(true);
	});

	it('never gives a task the answer to another input with the same ID', async () => {
		const items = [newTicket()];
		await generate(suite.vendors, { items, parameters: onceParameters() });
		const { error } = await generate(suite.vendors, {
			items: [ticket({ text: 'Something else' })],
			parameters: onceParameters(),
		});

		expect(suite.vendors.calls).toHaveLength(1);
		expect(error?.message).toContain(`The task ID "ticket-${tests}" was used before with another input`);
	});

	it('keeps no failure as an answer: a pending review escalates again, as the same task, without a call', async () => {
		const items = [newTicket()];
		suite.vendors.decide = () => ({ status: 400 });
		const first = await generate(suite.vendors, { items, parameters: onceParameters() });
		suite.vendors.decide = () => ({ answer: 'now it would work' });
		const again = await generate(suite.vendors, { items, parameters: onceParameters() });

		expect(suite.vendors.calls).toHaveLength(1);
		expect(again.escalate[0]?.json).toMatchObject({
			taskId: `ticket-${tests}`,
			reasonCode: first.escalate[0]?.json.reasonCode,
			reason: first.escalate[0]?.json.reason,
			costUsd: 0,
		});
	});

	it('runs every item of every execution when it is off, though the IDs are the same', async () => {
		const one = newTicket();
		const parameters = onceParameters({ preventDuplicates: false });
		await generate(suite.vendors, { items: [one, one], parameters });
		const { success } = await generate(suite.vendors, { items: [one], parameters });

		expect(suite.vendors.calls).toHaveLength(3);
		expect(success[0]?.json).toMatchObject({ taskId: one.json.id, replayed: false });
	});

	it('is refused without a store, before any call', async () => {
		const { error } = await generate(suite.vendors, {
			items: [newTicket()],
			parameters: onceParameters({ taskStore: 'none' }),
		});

		expect(suite.vendors.calls).toHaveLength(0);
		expect(error?.message).toContain('needs a task store');
	});
});

describe('an input item that no store can hold', () => {
	it('goes to a human with a review that says what is missing', async () => {
		suite.vendors.decide = () => ({ status: 400 });
		const item = newTicket();
		const circular: IDataObject = { ...item.json };
		circular['ticket'] = { about: circular };
		const options = { reviewPageUrl: 'https://n8n.test/review' };
		const { escalate } = await generate(suite.vendors, {
			items: [{ json: circular }],
			parameters: onceParameters({ options }),
		});

		expect(escalate[0]?.json).toMatchObject({
			reviewUrl: expect.stringContaining('token='),
			warnings: ['The review does not hold "ticket.about" of the input: it contains itself'],
		});
	});
});

describe('a store that cannot be used', () => {
	const redisDown = {
		host: '127.0.0.1',
		port: 1,
		username: '',
		password: 'planted-store-password',
		database: 0,
		prefix: 'test',
		ssl: false,
	};

	it('stops a task that must run only once before any call, without telling its password', async () => {
		const credentials = { ...credentialsFor(suite.vendors.baseUrl), resilientLlmRedisApi: redisDown };
		const { error } = await generate(suite.vendors, {
			items: [newTicket()],
			parameters: onceParameters({ taskStore: 'redis' }),
			credentials,
		});

		expect(suite.vendors.calls).toHaveLength(0);
		expect(error?.message).toContain('127.0.0.1:1');
		expect(`${error?.message} ${error?.description}`).not.toContain('planted-store-password');
	});

	it('loses no answer of a task that may run again: the item says what was not kept', async () => {
		const credentials = { ...credentialsFor(suite.vendors.baseUrl), resilientLlmRedisApi: redisDown };
		const parameters = onceParameters({ taskStore: 'redis', preventDuplicates: false });
		const { success } = await generate(suite.vendors, { items: [newTicket()], parameters, credentials });

		expect(success[0]?.json).toMatchObject({
			output: 'fine',
			warnings: [expect.stringContaining('could not keep a record')],
		});
	});

	it('lets an escalation say that no review was stored', async () => {
		suite.vendors.decide = () => ({ status: 400 });
		const credentials = { ...credentialsFor(suite.vendors.baseUrl), resilientLlmRedisApi: redisDown };
		const options = { reviewPageUrl: 'https://n8n.test/review', reviewDueHours: 4 };
		const parameters = onceParameters({ taskStore: 'redis', preventDuplicates: false, options });
		const { escalate } = await generate(suite.vendors, { items: [newTicket()], parameters, credentials });

		expect(escalate[0]?.json).toMatchObject({
			reviewUrl: null,
			dueAt: null,
			warnings: [expect.stringMatching('could not keep a record of this task: Redis at 127.0.0.1:1 refuses')],
		});
	});

	it('names the missing credential', async () => {
		const { error } = await generate(suite.vendors, {
			items: [newTicket()],
			parameters: onceParameters({ taskStore: 'postgres' }),
		});

		expect(error?.message).toContain('The task store has no credential');
	});
});
