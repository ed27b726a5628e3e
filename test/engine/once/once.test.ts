import { describe, expect, it } from 'vitest';
import { runOnce } from '../../../nodes/ResilientLlm/engine/once/once';
import type { OnceTask } from '../../../nodes/ResilientLlm/engine/once/once-task';
import type { Outcome } from '../../../nodes/ResilientLlm/engine/outcome';
import { TaskStoreError, type TaskStore } from '../../../nodes/ResilientLlm/engine/store/task-store';
import { answered, attempt, escalated, summary, world } from './once-world';

describe('a task that runs once', () => {
	it('is answered once and replayed from then on', async () => {
		const { clock, ports, task, runs } = world();
		expect(await clock.drive(runOnce(task(answered('first')), ports()))).toMatchObject({ kind: 'ran', warnings: [] });
		expect(await clock.drive(runOnce(task(answered('second')), ports()))).toMatchObject({
			kind: 'finished',
			record: { state: 'answered', payload: 'first' },
		});
		expect(runs()).toBe(1);
	});

	it('is run by one of many that come at the same time; the others get its answer', async () => {
		const { clock, ports, task, runs } = world();
		const results = await clock.drive(
			Promise.all(Array.from({ length: 20 }, () => runOnce(task(answered('once'), { takesMs: 5000 }), ports()))),
		);
		expect(runs()).toBe(1);
		expect(results.filter(({ kind }) => kind === 'finished')).toHaveLength(19);
	});

	it('keeps its pending review when it comes again', async () => {
		const { clock, ports, task, runs } = world();
		await clock.drive(runOnce(task(escalated), ports()));
		expect(await clock.drive(runOnce(task(answered('now it works')), ports()))).toMatchObject({
			kind: 'finished',
			record: { state: 'pending_human_review', tokenHash: 'h' },
		});
		expect(runs()).toBe(1);
	});

	it('is refused with another input under the same ID', async () => {
		const { clock, ports, task } = world();
		await clock.drive(runOnce(task(answered('a')), ports()));
		expect(await clock.drive(runOnce(task(answered('b'), { fingerprint: 'other' }), ports()))).toEqual({
			kind: 'mismatch',
		});
	});

	it('gives up waiting for another run at its own deadline', async () => {
		const { clock, ports, task } = world();
		const slow = runOnce(task(answered('late'), { takesMs: 100_000, deadlineMs: 100_000 }), ports());
		const start = clock.now();
		const result = await clock.drive(runOnce(task(answered('b'), { deadlineMs: 10_000 }), ports()));
		expect(result.kind).toBe('inProgress');
		expect(clock.now() - start).toBe(10_000);
		await clock.drive(slow);
	});

	it('is free again when its run is cancelled', async () => {
		const { clock, ports, task, runs } = world();
		await clock.drive(runOnce(task({ kind: 'cancelled', attempts: [], warnings: [] }), ports()));
		expect((await clock.drive(runOnce(task(answered('a')), ports()))).kind).toBe('ran');
		expect(runs()).toBe(2);
	});

	it('stops waiting when it is cancelled', async () => {
		const { clock, ports, task } = world();
		const holder = runOnce(task(answered('a'), { takesMs: 50_000 }), ports());
		const controller = new AbortController();
		const waiter = runOnce(task(answered('b'), { cancel: controller.signal }), ports());
		void clock.wait(1000, new AbortController().signal).then(() => controller.abort());
		expect((await clock.drive(waiter)).kind).toBe('cancelled');
		await clock.drive(holder);
	});

	it('calls nobody when the store cannot be asked', async () => {
		const { clock, ports, task, runs } = world();
		const claim = () => Promise.reject(new TaskStoreError('Redis at 127.0.0.1:6379 does not answer'));
		expect(await clock.drive(runOnce(task(answered('a')), ports({ claim })))).toEqual({
			kind: 'storeFailed',
			message: 'Redis at 127.0.0.1:6379 does not answer',
		});
		expect(runs()).toBe(0);
	});

	it('loses no answer when the store fails afterwards', async () => {
		const { clock, ports, task } = world();
		const complete = () => Promise.reject(new TaskStoreError('the disk is full'));
		expect(await clock.drive(runOnce(task(answered('a')), ports({ complete })))).toMatchObject({
			kind: 'ran',
			outcome: { output: 'a' },
			warnings: [expect.stringContaining('the disk is full')],
		});
	});

	it('offers its answer again to a store that was away for a moment', async () => {
		const { clock, store, ports, task } = world();
		let failures = 2;
		const complete: TaskStore['complete'] = (lease, answer) =>
			(failures -= 1) >= 0 ? Promise.reject(new TaskStoreError('cut')) : store.complete(lease, answer);
		expect(await clock.drive(runOnce(task(answered('a')), ports({ complete })))).toMatchObject({
			kind: 'ran',
			warnings: [],
		});
		expect(await store.get('k')).toMatchObject({ state: 'answered', payload: 'a' });
	});

	it('gives way to the run that took it over and finished it', async () => {
		const { clock, store, ports, task } = world();
		const late = task(answered('late'));
		const takenOver: OnceTask = {
			...late,
			async run() {
				await clock.wait(200_000, new AbortController().signal);
				const claim = await store.claim({ identity: late.identity, owner: 'other', leaseMs: 1000 });
				if (claim.kind === 'acquired')
					await store.complete(claim.lease, { summary, ledger: [], payload: 'the other was faster', ttlMs: 3_600_000 });
				return answered('late');
			},
		};
		expect(await clock.drive(runOnce(takenOver, ports()))).toMatchObject({
			kind: 'finished',
			record: { payload: 'the other was faster' },
			warnings: [expect.stringContaining('took this task over')],
		});
	});
});

describe('the ledger', () => {
	const cut = () => Promise.reject(new TaskStoreError('cut'));
	const never = new AbortController().signal;

	it('counts a task that runs once, and nothing for those that get its answer', async () => {
		const { clock, ports, task, counted } = world();
		await clock.drive(
			Promise.all(Array.from({ length: 5 }, () => runOnce(task(answered('once'), { takesMs: 5000 }), ports()))),
		);
		expect(await counted()).toEqual({ tasks: 1, attempts: 1 });
	});

	it('counts a result once, though the replies that it was stored are lost', async () => {
		const { clock, store, ports, task, counted } = world();
		let lost = 2;
		const complete: TaskStore['complete'] = async (lease, answer) => {
			const written = await store.complete(lease, answer);
			return (lost -= 1) >= 0 ? await cut() : written;
		};
		expect(await clock.drive(runOnce(task(answered('a')), ports({ complete })))).toMatchObject({
			kind: 'ran',
			warnings: [],
		});
		expect(await counted()).toEqual({ tasks: 1, attempts: 1 });
	});

	it('counts the calls of a cancelled run, and no task', async () => {
		const { clock, ports, task, counted } = world();
		await clock.drive(runOnce(task({ kind: 'cancelled', attempts: [attempt, attempt], warnings: [] }), ports()));
		expect(await counted()).toEqual({ tasks: 0, attempts: 2 });
	});

	it('counts the calls of a run that was taken over and finished by another', async () => {
		const { clock, store, ports, task, counted } = world();
		const late = task(answered('late'));
		const run = async () => {
			await clock.wait(200_000, never);
			const claim = await store.claim({ identity: late.identity, owner: 'other', leaseMs: 1000 });
			if (claim.kind === 'acquired')
				await store.complete(
					claim.lease,
					late.keepsakes.answer(answered('faster') as Extract<Outcome, { kind: 'answered' }>),
				);
			return answered('late');
		};
		await clock.drive(runOnce({ ...late, run }, ports()));
		expect(await counted()).toEqual({ tasks: 1, attempts: 2 });
	});

	it('counts the whole of a run whose lease ran out, when its result is used all the same', async () => {
		const { clock, ports, task, counted } = world();
		expect(await clock.drive(runOnce(task(answered('late'), { takesMs: 200_000 }), ports()))).toMatchObject({
			kind: 'ran',
			outcome: { output: 'late' },
		});
		expect(await counted()).toEqual({ tasks: 1, attempts: 1 });
	});

	it('holds nobody up: one try, no further warning, and none at a store that has just failed', async () => {
		const cancelled: Outcome = { kind: 'cancelled', attempts: [attempt], warnings: [] };
		for (const broken of [{ addToLedger: cut }, { addToLedger: cut, release: cut }]) {
			const { clock, ports, task } = world();
			let tries = 0;
			const addToLedger = () => {
				tries += 1;
				return cut();
			};
			const cancel = AbortSignal.abort();
			const start = clock.now();
			const result = await clock.drive(runOnce(task(cancelled, { cancel }), ports({ ...broken, addToLedger })));
			expect(result).toMatchObject({
				kind: 'ran',
				outcome: cancelled,
				warnings: 'release' in broken ? [expect.stringContaining('cut')] : [],
			});
			expect(tries).toBe('release' in broken ? 0 : 1);
			expect(clock.now()).toBe(start);
		}
	});
});
