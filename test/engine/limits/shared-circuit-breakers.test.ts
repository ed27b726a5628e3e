import { describe, expect, it } from 'vitest';
import type { CircuitBreakers, Permit, Rejection } from '../../../nodes/ResilientLlm/engine/limits/circuit-breaker';
import type { CircuitStore } from '../../../nodes/ResilientLlm/engine/store/circuit-store';
import type { Clock } from '../../../nodes/ResilientLlm/engine/clock';
import { createSharedCircuitBreakers } from '../../../nodes/ResilientLlm/engine/limits/shared-circuit-breakers';
import { createVirtualClock } from '../virtual-clock';

const probeMs = 10_000;

function memoryCircuitStore(clock: Clock) {
	const open = new Map<string, { reopensAt: number; openings: number; probeUntil: number }>();
	const calls = { read: 0 };
	const store: CircuitStore = {
		async read(target) {
			calls.read += 1;
			const found = open.get(target);
			return found && { reopensInMs: found.reopensAt - clock.now(), openings: found.openings };
		},
		async open(target, forMs, openings) {
			open.set(target, {
				reopensAt: Math.max(clock.now() + forMs, open.get(target)?.reopensAt ?? 0),
				openings,
				probeUntil: 0,
			});
		},
		async claimProbe(target, ms) {
			const found = open.get(target);
			if (found === undefined || clock.now() < found.probeUntil || clock.now() < found.reopensAt)
				return found === undefined;
			found.probeUntil = clock.now() + ms;
			return true;
		},
		async close(target) {
			open.delete(target);
		},
	};
	return { store, calls };
}

function workers(count: number) {
	const clock = createVirtualClock();
	const { store, calls } = memoryCircuitStore(clock);
	const pass = (ms: number) => clock.drive(clock.wait(ms, new AbortController().signal));
	return {
		clock,
		calls,
		pass,
		store,
		breakers: Array.from({ length: count }, () => createSharedCircuitBreakers(store, clock)),
	};
}

async function admitted(breakers: CircuitBreakers, target = 'target'): Promise<Permit> {
	const admission: Permit | Rejection = await breakers.admit(target, probeMs);
	if (admission.kind !== 'permit') throw new Error('rejected');
	return admission;
}

/** A call that tells nothing of the service's health, to have the process look at the store. */
async function touch(breakers: CircuitBreakers): Promise<void> {
	const admission = await breakers.admit('target', probeMs);
	if (admission.kind === 'permit') breakers.settle(admission, 'ignored', 0);
}

describe('circuit breakers of several processes', () => {
	it('share an opening within a second', async () => {
		const {
			breakers: [first, second],
			pass,
		} = workers(2);
		await admitted(second!);
		first!.settle(await admitted(first!), 'opens', 0);
		await pass(1000);
		await touch(second!);
		await pass(1);
		expect((await second!.admit('target', probeMs)).kind).toBe('rejected');
	});

	it('tell a process that starts later before its first call', async () => {
		const {
			breakers: [first],
			pass,
			store,
			clock,
		} = workers(1);
		first!.settle(await admitted(first!), 'opens', 0);
		await pass(1);
		expect((await createSharedCircuitBreakers(store, clock).admit('target', probeMs)).kind).toBe('rejected');
	});

	it('send one probe of all processes, and all are back when it succeeds', async () => {
		const { breakers, pass } = workers(5);
		for (const worker of breakers) await touch(worker);
		breakers[0]!.settle(await admitted(breakers[0]!), 'opens', 0);
		await pass(1001);
		for (const worker of breakers) await touch(worker);
		await pass(30_000);
		const admissions = await Promise.all(breakers.map((worker) => worker.admit('target', probeMs)));
		const probes = admissions.filter((admission) => admission.kind === 'permit');
		expect(probes).toHaveLength(1);
		const prober = breakers[admissions.findIndex((admission) => admission.kind === 'permit')]!;
		expect(prober.settle(probes[0] as Permit, 'success', 0).kind).toBe('closed');
		await pass(1001);
		for (const worker of breakers) await touch(worker);
		await pass(1001);
		for (const worker of breakers) expect((await worker.admit('target', probeMs)).kind).toBe('permit');
	});

	it('share a closing long before the pause would be over', async () => {
		const {
			breakers: [first, second],
			pass,
		} = workers(2);
		first!.settle(await admitted(first!), 'opens', 600_000);
		await pass(1);
		await touch(second!);
		expect((await second!.admit('target', probeMs)).kind).toBe('rejected');

		first!.settle(first!.force('target'), 'success', 0);
		await pass(1001);
		await touch(second!);
		await pass(1);
		expect(await second!.admit('target', probeMs)).toMatchObject({ kind: 'permit', probe: false });
	});

	it('read the store at most once a second for a target that is well', async () => {
		const {
			breakers: [worker],
			calls,
			pass,
		} = workers(1);
		for (let call = 0; call < 500; call += 1) worker!.settle(await admitted(worker!), 'success', 0);
		expect(calls.read).toBe(1);
		await pass(1000);
		for (let call = 0; call < 500; call += 1) await admitted(worker!);
		expect(calls.read).toBe(2);
	});

	it.each([
		['fails', () => Promise.reject(new Error('down'))],
		['hangs', () => new Promise<never>(() => {})],
	])('go on alone when the store %s', async (_, answer) => {
		const clock = createVirtualClock();
		const alone = createSharedCircuitBreakers({ read: answer, open: answer, claimProbe: answer, close: answer }, clock);
		const admission = await clock.drive(Promise.resolve(alone.admit('target', probeMs)));
		alone.settle(admission as Permit, 'opens', 0);
		expect((await alone.admit('target', probeMs)).kind).toBe('rejected');
		await clock.drive(clock.wait(30_000, new AbortController().signal));
		expect(await clock.drive(Promise.resolve(alone.admit('target', probeMs)))).toMatchObject({
			kind: 'permit',
			probe: true,
		});
	});
});
