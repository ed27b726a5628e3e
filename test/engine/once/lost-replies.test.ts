import { describe, expect, it } from 'vitest';
import { runOnce } from '../../../nodes/ResilientLlm/engine/once/once';
import type { OnceTask } from '../../../nodes/ResilientLlm/engine/once/once-task';
import type { Outcome } from '../../../nodes/ResilientLlm/engine/outcome';
import { createOwedWrites } from '../../../nodes/ResilientLlm/engine/store/owed-writes';
import { TaskStoreError, type TaskStore } from '../../../nodes/ResilientLlm/engine/store/task-store';
import { answered, attempt, escalated, world } from './once-world';

const never = new AbortController().signal;
const cancelled: Outcome = { kind: 'cancelled', attempts: [attempt], warnings: [] };

type Method = 'claim' | 'complete' | 'escalate' | 'release';

/** The methods of a store that do their work, but whose next replies do not arrive. `asked`: calls of each. */
function deaf(store: TaskStore, lost: Partial<Record<Method, number>>) {
	const left = { ...lost };
	const asked: Record<Method, number> = { claim: 0, complete: 0, escalate: 0, release: 0 };
	const wrap = (method: Method) => async (first: never, second: never) => {
		asked[method] += 1;
		const result = await (store[method] as (first: never, second: never) => Promise<unknown>)(first, second);
		if ((left[method] ?? 0) <= 0) return result;
		left[method] = (left[method] ?? 0) - 1;
		throw new TaskStoreError('The line was cut', 'unknown');
	};
	const methods = {
		claim: wrap('claim'),
		complete: wrap('complete'),
		escalate: wrap('escalate'),
		release: wrap('release'),
	};
	return { methods: methods as Partial<TaskStore>, asked };
}

/** A store that takes nothing until it is up again. */
function away(store: TaskStore, methods: readonly Method[]) {
	const line = { up: false };
	const wrap = (method: Method) => async (first: never, second: never) => {
		if (!line.up) throw new TaskStoreError('The store is away');
		return await (store[method] as (first: never, second: never) => Promise<unknown>)(first, second);
	};
	return { line, methods: Object.fromEntries(methods.map((method) => [method, wrap(method)])) as Partial<TaskStore> };
}

describe('a claim whose reply is lost', () => {
	it.each([1, 2])('is repeated with its token, and gets in after %i lost replies', async (replies) => {
		const { clock, store, ports, task, runs } = world();
		const { methods, asked } = deaf(store, { claim: replies });
		const result = await clock.drive(runOnce(task(answered('paid')), ports(methods)));
		expect(result).toMatchObject({ kind: 'ran', isStored: true, warnings: [] });
		expect([runs(), asked.claim, asked.release]).toEqual([1, replies + 1, 0]);
		expect(await store.get('k')).toMatchObject({ state: 'answered', payload: 'paid' });
	});

	it('lets the next run of this process in at once, when the store stayed silent', async () => {
		const { clock, store, ports, task, runs } = world();
		const { methods } = deaf(store, { claim: 3 });
		expect(await clock.drive(runOnce(task(answered('a')), ports(methods)))).toMatchObject({ kind: 'storeFailed' });
		expect(await store.get('k')).toMatchObject({ state: 'processing' });

		const start = clock.now();
		expect(await clock.drive(runOnce(task(answered('b')), ports()))).toMatchObject({ kind: 'ran', warnings: [] });
		expect([runs(), clock.now() - start]).toEqual([1, 0]);
	});

	it('is given back in the background, so that a run of another process gets in', async () => {
		const { clock, store, ports, task, runs } = world();
		const { methods } = deaf(store, { claim: 3, release: 1 });
		await clock.drive(runOnce(task(answered('a')), ports(methods)));

		const elsewhere = { ...ports(), owed: createOwedWrites(clock) };
		const start = clock.now();
		expect(await clock.drive(runOnce(task(answered('b')), elsewhere))).toMatchObject({ kind: 'ran', warnings: [] });
		expect(runs()).toBe(1);
		expect(clock.now() - start).toBeLessThan(5000);
	});

	it('is never given back while its task runs', async () => {
		const { clock, store, ports, task } = world();
		const { methods } = deaf(store, { claim: 2 });
		const running = runOnce(task(answered('a'), { takesMs: 50_000 }), ports(methods));
		const second = runOnce(task(answered('b'), { deadlineMs: 40_000 }), { ...ports(), owed: createOwedWrites(clock) });
		expect(await clock.drive(second)).toMatchObject({ kind: 'inProgress' });
		expect(await clock.drive(running)).toMatchObject({ kind: 'ran', warnings: [] });
	});

	it('is given back also when the store was reached no more after it', async () => {
		const { clock, store, ports, task } = world();
		let calls = 0;
		const claim: TaskStore['claim'] = async (request) => {
			calls += 1;
			if (calls > 1) throw new TaskStoreError('refuses the connection');
			await store.claim(request);
			throw new TaskStoreError('The line was cut', 'unknown');
		};
		expect(await clock.drive(runOnce(task(answered('a')), ports({ claim })))).toMatchObject({ kind: 'storeFailed' });
		expect(calls).toBe(2);
		expect(await clock.drive(runOnce(task(answered('b')), ports()))).toMatchObject({ kind: 'ran' });
	});

	it('is given back when the run was cancelled meanwhile', async () => {
		const { clock, store, ports, task } = world();
		const { methods } = deaf(store, { claim: 3 });
		const start = clock.now();
		await clock.drive(runOnce(task(answered('a'), { cancel: AbortSignal.abort() }), ports(methods)));
		expect(clock.now()).toBe(start);
		expect(await clock.drive(runOnce(task(answered('b')), ports()))).toMatchObject({ kind: 'ran' });
	});
});

describe('a store that was not reached, or refused', () => {
	it('is asked once, so that whoever waits hears of it at once, and owes nothing', async () => {
		const { clock, store, ports, task, runs } = world();
		let claims = 0;
		const claim = async () => {
			claims += 1;
			throw new TaskStoreError('refuses the connection');
		};
		const { methods, asked } = deaf(store, {});
		const start = clock.now();
		expect(await clock.drive(runOnce(task(answered('a')), ports({ ...methods, claim })))).toMatchObject({
			kind: 'storeFailed',
		});
		await clock.drive(clock.wait(60_000, never));
		expect([claims, runs(), asked.release, clock.now() - start]).toEqual([1, 0, 0, 60_000]);
	});
});

describe('a lease', () => {
	it('outlasts the deadline by 30 s, so that nobody takes over while its owner stores its result', async () => {
		const { clock, ports, task } = world();
		const first = runOnce(task(answered('first'), { takesMs: 89_000, deadlineMs: 60_000 }), ports());
		const second = runOnce(task(answered('second'), { deadlineMs: 80_000 }), ports());
		expect(await clock.drive(second)).toMatchObject({ kind: 'inProgress', until: clock.now() + 10_000 });
		expect(await clock.drive(first)).toMatchObject({ kind: 'ran', isStored: true });
	});

	it('that ran out is no reason to refuse a result whose task nobody took over', async () => {
		for (const [outcome, state] of [
			[answered('late'), 'answered'],
			[escalated, 'pending_human_review'],
		] as const) {
			const { clock, store, ports, task, counted } = world();
			const result = await clock.drive(runOnce(task(outcome, { takesMs: 3_600_000, deadlineMs: 5000 }), ports()));
			expect(result).toMatchObject({ kind: 'ran', isStored: true, warnings: [] });
			expect(await store.get('k')).toMatchObject({ state });
			expect((await counted()).tasks).toBe(1);
		}
	});
});

describe('a task whose record the store has lost', () => {
	const emptied = async (store: TaskStore) => await store.release({ key: 'k', owner: 'owner 1', until: 0 });
	const storedAnew = [expect.stringContaining('had lost its record of this task while it ran')];

	function losing(whileItRuns: (world: ReturnType<typeof losingWorld>, task: OnceTask) => Promise<unknown>) {
		const made = losingWorld();
		const task = made.task(answered('paid'));
		const run = async () => {
			await emptied(made.store);
			await whileItRuns(made, task);
			return answered('paid');
		};
		return { ...made, result: made.clock.drive(runOnce({ ...task, run }, made.ports())) };
	}
	const losingWorld = world;

	it('is stored anew, counted once, and says so', async () => {
		const { store, result, counted } = losing(async () => undefined);
		expect(await result).toMatchObject({ kind: 'ran', isStored: true, warnings: storedAnew });
		expect(await store.get('k')).toMatchObject({ state: 'answered', payload: 'paid' });
		expect(await counted()).toEqual({ tasks: 1, attempts: 1 });
	});

	it('is stored anew, though replies are lost on the way', async () => {
		const { clock, store, ports, task, runs, counted } = world();
		const { methods } = deaf(store, { claim: 0, complete: 1 });
		let claims = 0;
		const claim: TaskStore['claim'] = async (request) => {
			const result = await store.claim(request);
			// That of the second claim, with which the task is claimed anew.
			if ((claims += 1) === 2) throw new TaskStoreError('The line was cut', 'unknown');
			return result;
		};
		let isFirst = true;
		const complete: TaskStore['complete'] = async (lease, answer) => {
			if (isFirst) await emptied(store);
			isFirst = false;
			return await (methods.complete as TaskStore['complete'])(lease, answer);
		};
		const result = await clock.drive(runOnce(task(answered('paid')), ports({ claim, complete })));
		expect(result).toMatchObject({ kind: 'ran', isStored: true });
		expect(await store.get('k')).toMatchObject({ state: 'answered', payload: 'paid' });
		expect([runs(), (await counted()).tasks]).toEqual([1, 1]);
	});

	it('is left alone where another run has it by now', async () => {
		const { store, result } = losing(async ({ store }, { identity }) => {
			await store.claim({ identity, owner: 'other', leaseMs: 60_000 });
		});
		expect(await result).toMatchObject({
			kind: 'ran',
			isStored: false,
			warnings: [expect.stringContaining('the task may be answered twice')],
		});
		expect(await store.get('k')).toMatchObject({ state: 'processing' });
	});

	it('gives way to another run that has finished it', async () => {
		const { result, counted } = losing(async ({ store }, { identity, keepsakes }) => {
			const claim = await store.claim({ identity, owner: 'other', leaseMs: 60_000 });
			const theirs = keepsakes.answer(answered('theirs') as Extract<Outcome, { kind: 'answered' }>);
			if (claim.kind === 'acquired') await store.complete(claim.lease, theirs);
		});
		expect(await result).toMatchObject({ kind: 'finished', record: { payload: 'theirs' } });
		expect(await counted()).toEqual({ tasks: 1, attempts: 2 });
	});

	it('never takes the answer to another input for its own', async () => {
		const { result } = losing(async ({ store, task }) => {
			const { identity, keepsakes } = task(answered('theirs'), { fingerprint: 'another input' });
			const claim = await store.claim({ identity, owner: 'other', leaseMs: 60_000 });
			const theirs = keepsakes.answer(answered('theirs') as Extract<Outcome, { kind: 'answered' }>);
			if (claim.kind === 'acquired') await store.complete(claim.lease, theirs);
		});
		expect(await result).toMatchObject({
			kind: 'ran',
			outcome: { output: 'paid' },
			isStored: false,
			warnings: [expect.stringContaining('for another input')],
		});
	});

	it('is stored over the lapsed claim of a run that took over and came to nothing', async () => {
		const { store, result } = losing(async ({ store, clock }, { identity }) => {
			await store.claim({ identity, owner: 'other', leaseMs: 1000 });
			await clock.wait(2000, never);
		});
		expect(await result).toMatchObject({ kind: 'ran', isStored: true, warnings: [] });
		expect(await store.get('k')).toMatchObject({ state: 'answered', payload: 'paid' });
	});
});

describe('a result that the store does not take', () => {
	it.each([
		['complete', answered('paid'), 'answered'],
		['escalate', escalated, 'pending_human_review'],
	] as const)('is offered again in the background until it does (%s)', async (method, outcome, state) => {
		const { clock, store, ports, task, runs, counted } = world();
		const { line, methods } = away(store, [method, 'release']);
		const result = await clock.drive(runOnce(task(outcome), ports(methods)));
		expect(result).toMatchObject({
			kind: 'ran',
			isStored: false,
			warnings: [expect.stringContaining('could not keep this result, so the task may run again: The store is away')],
		});

		line.up = true;
		const again = { ...ports(), owed: createOwedWrites(clock) };
		expect(await clock.drive(runOnce(task(answered('twice')), again))).toMatchObject({
			kind: 'finished',
			record: { state },
		});
		expect([runs(), (await counted()).tasks]).toEqual([1, 1]);
	});

	it('is offered until its lease is over, which is 30 s after the deadline of its task', async () => {
		const { clock, store, ports, task } = world();
		const { line, methods } = away(store, ['complete', 'release']);
		await clock.drive(runOnce(task(answered('paid'), { takesMs: 3000, deadlineMs: 2000 }), ports(methods)));
		await clock.drive(clock.wait(10_000, never));
		line.up = true;
		await clock.drive(clock.wait(12_000, never));
		expect(await store.get('k')).toMatchObject({ state: 'answered', payload: 'paid' });
	});

	it('is stored before the next run of this process is let in', async () => {
		const { clock, store, ports, task, runs } = world();
		const { line, methods } = away(store, ['complete', 'release']);
		await clock.drive(runOnce(task(answered('paid')), ports(methods)));
		line.up = true;
		const start = clock.now();
		const again = await clock.drive(runOnce(task(answered('twice')), ports()));
		expect(again).toMatchObject({ kind: 'finished', record: { payload: 'paid' } });
		expect([runs(), clock.now() - start]).toEqual([1, 0]);
	});

	it('is counted though the task was taken over before the store was back', async () => {
		const { clock, store, ports, task, counted } = world();
		const { line, methods } = away(store, ['complete', 'release', 'addToLedger' as never]);
		await clock.drive(runOnce(task(answered('paid')), ports(methods)));
		await store.release({ key: 'k', owner: 'owner 1', until: 0 });
		const { identity } = task(answered('x'));
		await store.claim({ identity, owner: 'other', leaseMs: 600_000 });
		line.up = true;
		await clock.drive(clock.wait(20_000, never));
		expect(await counted()).toEqual({ tasks: 1, attempts: 1 });
	});

	it('that nobody could store is no reason to lock its task', async () => {
		const { clock, ports, task, runs } = world();
		const complete = () => Promise.reject(new RangeError('Invalid string length'));
		const start = clock.now();
		const result = await clock.drive(runOnce(task(answered('too long')), ports({ complete })));
		expect(result).toMatchObject({ isStored: false, warnings: [expect.stringContaining('an unexpected RangeError')] });
		expect(await clock.drive(runOnce(task(answered('shorter')), ports()))).toMatchObject({
			kind: 'ran',
			isStored: true,
		});
		expect([runs(), clock.now() - start]).toEqual([2, 0]);
	});
});

describe('a cancelled run', () => {
	it.each([1, 3, 6])('leaves its task free, though %i replies to its release are lost', async (replies) => {
		const { clock, store, ports, task } = world();
		const { methods } = deaf(store, { release: replies });
		const start = clock.now();
		await clock.drive(runOnce(task(cancelled, { cancel: AbortSignal.abort() }), ports(methods)));
		expect(clock.now()).toBe(start);
		expect(await clock.drive(runOnce(task(answered('a')), ports()))).toMatchObject({ kind: 'ran' });
	});

	it('gives its right back in the background when the store is away', async () => {
		const { clock, store, ports, task } = world();
		const { line, methods } = away(store, ['release']);
		await clock.drive(runOnce(task(cancelled, { cancel: AbortSignal.abort() }), ports(methods)));
		expect(await store.get('k')).toMatchObject({ state: 'processing' });
		line.up = true;
		await clock.drive(clock.wait(20_000, never));
		expect(await store.get('k')).toBeUndefined();
	});
});
