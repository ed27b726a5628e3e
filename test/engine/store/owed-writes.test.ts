import { expect, it } from 'vitest';
import { createOwedWrites } from '../../../nodes/ResilientLlm/engine/store/owed-writes';
import { TaskStoreError } from '../../../nodes/ResilientLlm/engine/store/task-store';
import { createVirtualClock } from '../virtual-clock';

const never = new AbortController().signal;

function world() {
	const clock = createVirtualClock();
	const owed = createOwedWrites(clock);
	const offers: string[] = [];
	const start = clock.now();
	/** A write that fails until it has been offered so often. */
	const write =
		(name: string, failures = 0) =>
		async () => {
			offers.push(`${name} after ${Math.round((clock.now() - start) / 1000)} s`);
			if ((failures -= 1) >= 0) throw new TaskStoreError('away');
		};
	return { clock, owed, offers, write, pass: async (ms: number) => await clock.drive(clock.wait(ms, never)) };
}

it('is offered after a second, and again with growing pauses until it is taken', async () => {
	const { clock, owed, offers, write, pass } = world();
	owed.owe('k', write('a', 5), clock.now() + 600_000);
	await pass(600_000);
	expect(offers).toEqual(['a after 1 s', 'a after 3 s', 'a after 7 s', 'a after 15 s', 'a after 25 s', 'a after 35 s']);
});

it('is dropped when its time is over', async () => {
	const { clock, owed, offers, write, pass } = world();
	owed.owe('k', write('a', 100), clock.now() + 5000);
	await pass(60_000);
	expect(offers).toEqual(['a after 1 s', 'a after 3 s']);
	await owed.settle('k');
	expect(offers).toHaveLength(2);
});

it('that never succeeds holds up no other', async () => {
	const { clock, owed, offers, write, pass } = world();
	owed.owe('bad', write('bad', Infinity), clock.now() + 60_000);
	owed.owe('good', write('good'), clock.now() + 60_000);
	await pass(5000);
	expect(offers).toContain('good after 3 s');
});

it('is not offered to a store that has just failed', async () => {
	const { clock, owed, offers, write, pass } = world();
	for (const name of ['a', 'b', 'c']) owed.owe(name, write(name, Infinity), clock.now() + 60_000);
	await pass(1500);
	expect(offers).toEqual(['a after 1 s']);
});

it('is offered at once when its task is about to be claimed, and that of no other task', async () => {
	const { clock, owed, offers, write, pass } = world();
	for (const name of ['a', 'b']) owed.owe(name, write(name), clock.now() + 60_000);
	await owed.settle('b');
	expect(offers).toEqual(['b after 0 s']);
	await pass(60_000);
	expect(offers).toEqual(['b after 0 s', 'a after 1 s']);
});

it('is never offered twice at the same time', async () => {
	const { clock, owed, pass } = world();
	let [offers, underWay] = [0, 0];
	const slow = async () => {
		offers += 1;
		underWay += 1;
		expect(underWay).toBe(1);
		await clock.wait(3000, never);
		underWay -= 1;
	};
	owed.owe('k', slow, clock.now() + 60_000);
	await pass(2000);
	await clock.drive(Promise.all([owed.settle('k'), owed.settle('k')]));
	await pass(60_000);
	expect(offers).toBe(1);
});

it('begins anew after all was paid', async () => {
	const { clock, owed, offers, write, pass } = world();
	owed.owe('a', write('a'), clock.now() + 60_000);
	await pass(10_000);
	owed.owe('b', write('b'), clock.now() + 60_000);
	await pass(10_000);
	expect(offers).toEqual(['a after 1 s', 'b after 11 s']);
});

it('is forgotten, the oldest first, when there are too many', async () => {
	const { clock, owed, offers, write, pass } = world();
	for (let index = 0; index < 1002; index++) owed.owe(`k${index}`, write(`${index}`), clock.now() + 60_000);
	await pass(60_000);
	expect([offers.length, offers[0]]).toEqual([1000, '2 after 1 s']);
});
