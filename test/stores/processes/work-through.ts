import { appendFileSync } from 'node:fs';

import type { TaskStore } from '../../../nodes/ResilientLlm/engine/store/task-store';
import { callLine, taskLine } from '../ledger-lines';
import { answer, day, identityOf } from '../samples';

export const crashLeaseMs = 60_000;

export interface Work {
	readonly keys: readonly string[];
	/** Tasks that run at the same time. */
	readonly concurrency: number;
	/** Gets a line for each payment and each stored answer. A process that is killed cannot take them back. */
	readonly log: string;
}

/** Does each task as a worker would: claim, pay a model for the answer, store it. */
export async function workThrough(
	store: TaskStore,
	{ keys, concurrency, log }: Work,
	afterPayment: () => void = () => undefined,
): Promise<void> {
	const waiting = [...keys];
	await Promise.all(
		Array.from({ length: concurrency }, async () => {
			for (let key = waiting.shift(); key !== undefined; key = waiting.shift()) await runTask(key);
		}),
	);

	async function runTask(key: string): Promise<void> {
		const claim = await store.claim({
			identity: identityOf(key),
			owner: `${process.pid} ${key}`,
			leaseMs: crashLeaseMs,
		});
		if (claim.kind !== 'acquired') return;
		appendFileSync(log, `paid ${key}\n`);
		afterPayment();
		if (
			(await store.complete(claim.lease, answer({ output: `answer to ${key}` }, day, [callLine(), taskLine()]))) ===
			'stored'
		)
			appendFileSync(log, `stored ${key}\n`);
	}
}
