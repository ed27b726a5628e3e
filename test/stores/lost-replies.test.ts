import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { runRemembered } from '../../nodes/ResilientLlm/tasks/remembered-run';
import type { RememberedTask } from '../../nodes/ResilientLlm/tasks/remembered-task';
import type { Outcome } from '../../nodes/ResilientLlm/engine/outcome';
import { createOwedWrites, type OwedWrites } from '../../nodes/ResilientLlm/engine/store/owed-writes';
import type { TaskStore } from '../../nodes/ResilientLlm/engine/store/task-store';
import { systemClock } from '../../nodes/ResilientLlm/host/clock';
import { createStoreNotices } from '../../nodes/ResilientLlm/host/store-notices';
import { hashReviewToken } from '../../nodes/ResilientLlm/review/token';
import {
	addLinkScript,
	claimScript,
	finishScript,
	noteScript,
	releaseScript,
} from '../../nodes/ResilientLlm/stores/redis/scripts';
import { answered, attempt, escalated } from '../engine/once/once-world';
import { linesOf } from './ledger-lines';
import { openStore, type StoreAddress } from './processes/store-address';
import { identityOf } from './samples';
import { postgresSuperuser, redisIsHere, startPostgres, startRedis, type TestServer } from './servers';
import { startTcpProxy, type TcpProxy } from './tcp-proxy';
import { conversationOf } from '../../nodes/ResilientLlm/engine/conversation';

/** The stores' own limit for one operation. */
const timeoutMs = 400;

const servers = { redis: startRedis, postgres: startPostgres };

/** A text that is in a request of this kind, and in no other. */
const requests = {
	redis: {
		claim: claimScript.sha1,
		complete: finishScript.sha1,
		escalate: finishScript.sha1,
		release: releaseScript.sha1,
		note: noteScript.sha1,
	},
	postgres: {
		claim: 'AS held (key',
		complete: "AND state = 'processing'\n\t\t\tRETURNING key",
		escalate: "AND state = 'processing'\n\t\t\tRETURNING key",
		release: 'DELETE FROM',
		note: 'ON CONFLICT (key) DO NOTHING',
	},
} as const;

type Place = keyof (typeof requests)['redis'];

const cancelled: Outcome = { kind: 'cancelled', attempts: [attempt], warnings: [] };
const outcomes: Readonly<Record<Place, Outcome>> = {
	claim: answered('paid'),
	complete: answered('paid'),
	escalate: escalated,
	release: cancelled,
	note: escalated,
};

const kinds = (['redis', 'postgres'] as const).filter((kind) => kind !== 'redis' || redisIsHere);

describe.each(kinds)('%s, when a reply is lost', (kind) => {
	let server: TestServer;
	let line: TcpProxy;
	let store: TaskStore;
	let besideTheLine: TaskStore;
	let owed: OwedWrites;
	let runs: number;

	beforeAll(async () => {
		server = await servers[kind]();
	});

	afterAll(async () => {
		await server.stop();
	});

	beforeEach(async () => {
		line = await startTcpProxy(server.port);
		const name = randomUUID();
		const at = (port: number): StoreAddress =>
			kind === 'redis'
				? { kind, host: '127.0.0.1', port, username: '', password: '', keyPrefix: name, timeoutMs }
				: { kind, host: '127.0.0.1', port, ...postgresSuperuser, schema: name, timeoutMs };
		store = openStore(at(line.port));
		besideTheLine = openStore(at(server.port));
		owed = createOwedWrites(systemClock);
		runs = 0;
		// Redis has every script from then on, PostgreSQL its tables.
		const warm = async (key: string, outcome: Outcome, once: boolean) => await run(besideTheLine, outcome, once, key);
		for (const outcome of Object.values(outcomes)) await warm(`warm ${outcome.kind}`, outcome, true);
		await warm('warm note', escalated, false);
		runs = 0;
	});

	afterEach(async () => {
		await Promise.all([store.close(), besideTheLine.close()]);
		await line.stop();
	});

	async function run(tasks: TaskStore, outcome: Outcome, once: boolean, key = 'k') {
		const memory = { kind: 'store', store: kind, once } as const;
		const task: RememberedTask = {
			identity: identityOf(key),
			parameters: {
				id: key,
				memory,
				resultTtlMs: 3_600_000,
				reviewDueMs: null,
				reviewPageUrl: 'https://n8n.test/review',
			},
			content: conversationOf({ prompt: 'Hi', systemMessage: '', attachments: [], output: { kind: 'text' } }),
			steps: [],
			context: {},
			includeInput: true,
			whenAllFail: 'review',
			startedAt: systemClock.now(),
			deadline: systemClock.now() + 20_000,
			cancel: outcome.kind === 'cancelled' ? AbortSignal.abort() : new AbortController().signal,
			firstStepPrice: () => null,
			clock: systemClock,
			run: async () => {
				runs += 1;
				return outcome;
			},
		};
		return await runRemembered(task, { tasks, owed, notices: createStoreNotices() });
	}

	const places = Object.keys(outcomes) as Place[];
	const manners = places.flatMap((place) =>
		(['breaks', 'goes silent'] as const).map((connection) => ({ place, connection })),
	);

	it.each(manners)(
		'to $place and the connection $connection, nothing is lost, locked or counted twice',
		async ({ place, connection }) => {
			const before = { tasks: await linesOf(besideTheLine, 'task') };
			line.loseReplies({ holding: requests[kind][place], times: 1, connection });
			const outcome = outcomes[place];
			const { end, warnings } = await run(store, outcome, place !== 'note');
			expect(line.lost).toBeGreaterThan(0);
			expect({ kind: end.kind, warnings, runs }).toEqual({ kind: outcome.kind, warnings: [], runs: 1 });

			const ofTask = (await besideTheLine.list({ states: [], limit: 100 })).records.filter(
				({ identity }) => identity.taskId === identityOf('k').taskId,
			);
			const states = { answered: ['answered'], escalated: ['pending_human_review'], cancelled: [] }[outcome.kind];
			expect(ofTask.map(({ state }) => state)).toEqual(states);
			expect(await linesOf(besideTheLine, 'task')).toBe(before.tasks + states.length);
			if (end.kind === 'escalated') {
				const token = new URL(end.escalation.reviewUrl ?? '').searchParams.get('token') ?? '';
				expect(await besideTheLine.findReview({ tokenHash: hashReviewToken(token) })).toMatchObject({
					state: 'pending_human_review',
				});
			}
		},
	);

	it.each(['breaks', 'goes silent'] as const)(
		'to a further link and the connection %s, the link opens its review',
		async (connection) => {
			await run(besideTheLine, escalated, true);
			await besideTheLine.addReviewLink('k', 'warm');
			const holding = kind === 'redis' ? addLinkScript.sha1 : 'resilient_llm_review_links (token_hash';
			line.loseReplies({ holding, times: 1, connection });
			const { end, warnings } = await run(store, answered('never asked'), true);
			expect([line.lost > 0, end.kind, warnings]).toEqual([true, 'escalated', []]);
			const url = end.kind === 'escalated' ? (end.escalation.reviewUrl ?? '') : '';
			const token = new URL(url).searchParams.get('token') ?? '';
			expect(await besideTheLine.findReview({ tokenHash: hashReviewToken(token) })).toMatchObject({
				state: 'pending_human_review',
			});
		},
	);

	it('a failure says whether the work may be done', async () => {
		const effectOf = async () =>
			await store.release({ key: 'k', owner: 'me', until: 0 }).catch((error: unknown) => error);
		await store.get('k');
		line.become('deaf');
		expect(await effectOf()).toMatchObject({ effect: 'unknown' });
		line.become('cut');
		expect(await effectOf()).toMatchObject({ effect: 'nothing' });
	});

	it('to every try of a claim, the task is free for the next run of this process', async () => {
		line.loseReplies({ holding: requests[kind].claim, times: 3, connection: 'breaks' });
		await expect(run(store, answered('a'), true)).rejects.toThrow('could not be asked');
		expect(await besideTheLine.get('k')).toMatchObject({ state: 'processing' });
		expect(await run(store, answered('b'), true)).toMatchObject({
			end: { kind: 'answered', replayed: false },
			warnings: [],
		});
		expect(runs).toBe(1);
	});

	it('to every try of a claim, the task is soon free for a run of another process', async () => {
		line.loseReplies({ holding: requests[kind].claim, times: 3, connection: 'breaks' });
		await expect(run(store, answered('a'), true)).rejects.toThrow('could not be asked');
		owed = createOwedWrites(systemClock);
		expect(await run(besideTheLine, answered('b'), true)).toMatchObject({ end: { kind: 'answered' }, warnings: [] });
		expect(runs).toBe(1);
	});
});
