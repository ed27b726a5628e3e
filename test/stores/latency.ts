import { loadavg } from 'node:os';

import { openStore } from './processes/store-address';
import { createMemoryTaskStore } from '../../nodes/ResilientLlm/stores/memory/memory';
import type { TaskStore } from '../../nodes/ResilientLlm/engine/store/task-store';
import { callLine, taskLine } from './ledger-lines';
import { realStoreKinds, startRealStores } from './real-stores';
import { answer, day, identityOf, leaseMs } from './samples';

/**
 * What a store costs per task: `node --import ./test/stores/processes/run-typescript.mjs test/stores/latency.ts`.
 * Each task has an answer of 2 kB and two lines for the ledger; first one after the other, then 50 at once. On this
 * machine, without a network in between. `task` is claim and complete together: what a task that runs once pays.
 */
const tasks = 2000;
const warmUp = 200;
const payload = { output: 'An answer of an ordinary length. '.repeat(64) };
const ledger = [callLine(), taskLine()];

const stores = await startRealStores({ durable: true });
process.stdout.write('adapter   at once  operation   p50 ms   p99 ms  per second  load\n');
for (const atOnce of [1, 50]) {
	await measure('memory', createMemoryTaskStore({ clock: { now: Date.now } }), atOnce);
	for (const kind of realStoreKinds) await measure(kind, openStore(stores.fresh(kind)), atOnce);
}
await stores.stop();

async function measure(name: string, store: TaskStore, atOnce: number): Promise<void> {
	const taken: Record<'claim' | 'complete' | 'task' | 'replay' | 'note', number[]> = {
		claim: [],
		complete: [],
		task: [],
		replay: [],
		note: [],
	};
	await inParallel(-warmUp, 0, atOnce, async (task) => void (await runTask(task)));
	await inParallel(0, tasks, atOnce, async (task) => {
		const { start, claimed, completed } = await runTask(task);
		taken.claim.push(claimed - start);
		taken.complete.push(completed - claimed);
		taken.task.push(completed - start);
	});
	await inParallel(0, tasks, atOnce, async (task) => {
		const start = performance.now();
		await store.claim({ identity: identityOf(`task ${task}`), owner: 'another', leaseMs });
		taken.replay.push(performance.now() - start);
	});
	await inParallel(0, tasks, atOnce, async (task) => {
		const start = performance.now();
		await store.note(identityOf(`noted ${task}`), { kind: 'answered', ...answer(null, day, ledger) });
		taken.note.push(performance.now() - start);
	});
	await store.close();
	for (const [operation, times] of Object.entries(taken)) {
		const perSecond = (1000 * atOnce) / (times.reduce((sum, time) => sum + time, 0) / times.length);
		const numbers = [
			percentile(times, 0.5),
			percentile(times, 0.99),
			perSecond.toFixed(0).padStart(10),
			(loadavg()[0] ?? 0).toFixed(1).padStart(5),
		];
		process.stdout.write(
			`${name.padEnd(9)} ${String(atOnce).padStart(7)}  ${operation.padEnd(9)} ${numbers.join('  ')}\n`,
		);
	}

	async function runTask(task: number) {
		const start = performance.now();
		const claim = await store.claim({ identity: identityOf(`task ${task}`), owner: `owner ${task}`, leaseMs });
		const claimed = performance.now();
		if (claim.kind !== 'acquired') throw new Error(claim.kind);
		await store.complete(claim.lease, answer(payload, day, ledger));
		return { start, claimed, completed: performance.now() };
	}
}

async function inParallel(
	from: number,
	to: number,
	atOnce: number,
	work: (task: number) => Promise<void>,
): Promise<void> {
	let next = from;
	await Promise.all(
		Array.from({ length: atOnce }, async () => {
			while (next < to) await work(next++);
		}),
	);
}

function percentile(times: readonly number[], share: number): string {
	const sorted = times.toSorted((one, other) => one - other);
	return (sorted[Math.floor(share * sorted.length)] ?? 0).toFixed(3).padStart(7);
}
