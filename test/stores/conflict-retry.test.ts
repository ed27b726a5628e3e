import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { retryConflicts } from '../../nodes/ResilientLlm/stores/postgres/conflict-retry';
import { createPostgresTaskStore } from '../../nodes/ResilientLlm/stores/postgres/postgres';
import { createVirtualClock } from '../engine/virtual-clock';
import { callLine, linesOf, taskLine } from './ledger-lines';
import { answer, day, escalation, identityOf, leaseMs } from './samples';
import { postgresSuperuser, startPostgres, type TestServer } from './servers';

const serverError = (code: string) => Object.assign(new Error(`error ${code}`), { code, severity: 'ERROR' });

describe('work that a database undid because of others', () => {
	function world(random = 1) {
		const clock = createVirtualClock();
		const start = clock.now();
		const triedAt: number[] = [];
		const pause = async (ms: number) => await clock.wait(ms, new AbortController().signal);
		const attempt = (codes: readonly string[]) => {
			const left = [...codes];
			const work = async () => {
				triedAt.push(clock.now() - start);
				const code = left.shift();
				if (code !== undefined) throw serverError(code);
				return 'done';
			};
			return clock.drive(retryConflicts(work, { random: () => random, pause }));
		};
		return { attempt, triedAt };
	}

	it('is tried again, after pauses that double up to a limit', async () => {
		const { attempt, triedAt } = world();
		expect(await attempt(['40001', '40P01', '40002', '40001', '40001', '40001', '40001', '40001'])).toBe('done');
		expect(triedAt).toEqual([0, 5, 15, 35, 75, 155, 315, 565, 815]);
	});

	it('waits any time up to that, so that two do not meet again', async () => {
		const { attempt, triedAt } = world(0.5);
		await attempt(['40001', '40001']);
		expect(triedAt).toEqual([0, 2.5, 7.5]);
	});

	it('fails in the end, with the last error', async () => {
		const { attempt, triedAt } = world();
		await expect(attempt(Array.from({ length: 100 }, () => '40001'))).rejects.toThrow('error 40001');
		expect(triedAt).toHaveLength(10);
		expect(triedAt.at(-1)).toBe(1065);
	});

	it.each(['23505', '40003', '57P01', 'ECONNRESET'])('is not tried again for %s', async (code) => {
		const { attempt, triedAt } = world();
		await expect(attempt([code])).rejects.toThrow(code);
		expect(triedAt).toEqual([0]);
	});
});

describe.each(['serializable', 'repeatable read'])('PostgreSQL whose default isolation is %s', (isolation) => {
	let server: TestServer;

	beforeAll(async () => {
		server = await startPostgres('-c', `default_transaction_isolation=${isolation}`);
	});

	afterAll(async () => {
		await server.stop();
	});

	const opener = (schema: string) => () =>
		createPostgresTaskStore({ ...postgresSuperuser, host: '127.0.0.1', port: server.port, schema });

	it('lets one of 64 concurrent callers win, and tells all others so', async () => {
		const open = opener(`s_${randomUUID()}`);
		const clients = [open(), open()];
		const claims = await Promise.all(
			Array.from({ length: 64 }, async (_, index) => {
				const store = clients[index % 2] ?? open();
				return await store.claim({ identity: identityOf('a'), owner: `owner ${index}`, leaseMs });
			}),
		);
		expect(claims.map(({ kind }) => kind).toSorted()).toEqual([
			'acquired',
			...Array.from({ length: 63 }, () => 'inProgress'),
		]);
		await Promise.all(clients.map(async (client) => await client.close()));
	});

	it('takes 600 tasks at once from two clients, and refuses none', async () => {
		const open = opener(`s_${randomUUID()}`);
		const clients = [open(), open()];
		const ledger = [callLine(), taskLine()];
		const ends = await Promise.allSettled(
			Array.from({ length: 600 }, async (_, index) => {
				const store = clients[index % 2] ?? open();
				if (index % 3 === 0)
					return await store.note(identityOf(`k${index}`), { kind: 'answered', ...answer(null, day, ledger) });
				const claim = await store.claim({ identity: identityOf(`k${index}`), owner: `owner ${index}`, leaseMs });
				if (claim.kind !== 'acquired') throw new Error(claim.kind);
				return await (index % 3 === 1
					? store.complete(claim.lease, answer('text', day, ledger))
					: store.escalate(claim.lease, escalation({ tokenHash: `${index}`, ledger })));
			}),
		);
		expect(ends.flatMap((end) => (end.status === 'rejected' ? [String(end.reason)] : []))).toEqual([]);
		expect(await linesOf(open(), 'task')).toBe(600);
		await Promise.all(clients.map(async (client) => await client.close()));
	});
});
