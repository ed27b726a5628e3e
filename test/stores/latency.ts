import { openStore } from './processes/store-address';
import { createMemoryTaskStore } from '../../nodes/ResilientLlm/stores/memory';
import type { TaskStore } from '../../nodes/ResilientLlm/engine/task-store';
import { realStoreKinds, startRealStores } from './real-stores';
import { answer, identityOf, leaseMs } from './samples';

/**
 * What a store costs per task: `node --import ./test/stores/processes/run-typescript.mjs test/stores/latency.ts`.
 * One task after the other, each with an answer of 2 kB, on this machine, without a network in between.
 */
const tasks = 2000;
const warmUp = 200;
const payload = { output: 'An answer of an ordinary length. '.repeat(64) };

const stores = await startRealStores({ durable: true });
process.stdout.write('adapter   operation  p50 ms  p99 ms\n');
await measure('memory', createMemoryTaskStore({ clock: { now: Date.now } }));
for (const kind of realStoreKinds) await measure(kind, openStore(stores.fresh(kind)));
await stores.stop();

async function measure(name: string, store: TaskStore): Promise<void> {
	const taken = { claim: [] as number[], complete: [] as number[], both: [] as number[], replay: [] as number[] };
	for (let task = -warmUp; task < tasks; task++) {
		const request = { identity: identityOf(`task ${task}`), owner: `owner ${task}`, leaseMs };
		const start = performance.now();
		const claim = await store.claim(request);
		const claimed = performance.now();
		if (claim.kind !== 'acquired') throw new Error(claim.kind);
		await store.complete(claim.lease, answer(payload));
		const completed = performance.now();
		await store.claim({ ...request, owner: 'another' });
		const replayed = performance.now();
		if (task < 0) continue;
		taken.claim.push(claimed - start);
		taken.complete.push(completed - claimed);
		taken.both.push(completed - start);
		taken.replay.push(replayed - completed);
	}
	await store.close();
	for (const [operation, times] of Object.entries(taken)) process.stdout.write(`${name.padEnd(9)} ${operation.padEnd(9)} ${percentile(times, 0.5)} ${percentile(times, 0.99)}\n`);
}

function percentile(times: number[], share: number): string {
	const sorted = times.toSorted((one, other) => one - other);
	return (sorted[Math.floor(share * sorted.length)] ?? 0).toFixed(3).padStart(7);
}
