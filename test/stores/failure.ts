import { expect } from 'vitest';

import { TaskStoreError, type TaskStore } from '../../nodes/ResilientLlm/engine/store/task-store';
import { answer, claimed, identityOf, leaseMs } from './samples';

/** No message may hold one of these. */
export const secrets = ['s3cret', 'wr0ng'] as const;

/** What the store says when it cannot work: one line, without a secret, the same for reads and writes. */
export async function failureOf(store: TaskStore): Promise<string> {
	const [read, write] = await Promise.all([
		reasonOf(() => store.get('a')),
		reasonOf(() => store.claim({ identity: identityOf('a'), owner: 'me', leaseMs })),
	]);
	const withoutServersWords = (reason: string) => reason.replace(/ \([^(]*\)$/, '');
	expect(withoutServersWords(write)).toBe(withoutServersWords(read));
	return read;
}

export async function reasonOf(work: () => Promise<unknown>): Promise<string> {
	const error = await work().then(
		(result) => new Error(`It worked: ${JSON.stringify(result)}`),
		(reason: unknown) => reason,
	);
	if (!(error instanceof TaskStoreError)) throw error;
	expect(error.message).not.toContain('\n');
	const everything = JSON.stringify({ ...error, message: error.message, cause: error.cause, stack: error.stack });
	for (const secret of secrets) expect(everything).not.toContain(secret);
	return error.message;
}

export async function expectToWork(store: TaskStore, key = 'works'): Promise<void> {
	expect(await store.complete(await claimed(store, key), answer())).toBe('stored');
}
