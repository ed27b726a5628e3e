import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { removeOnExit } from '../../install/remove-on-exit.ts';
import { N8nInstance } from '../../server/n8n-instance.ts';
import { startServer, until } from '../../task-store/processes.ts';
import { postgresData, redisData } from '../../task-store/store-credentials.ts';
import { startPostgres, startRedis, startTcpProxy, type TcpProxy, type TestServer } from '../../task-store/store-servers.ts';
import { importWorkflows } from '../imported-workflows.ts';
import { N8nRest } from '../n8n-rest.ts';
import { decidedWorkflow, pagePathOf, workflowIdOf } from './decided-workflow.ts';
import { warmUp } from './rounds.ts';
import { Reviews, storeAddress, type OpenReview } from './reviews.ts';
import { verdictsOn, type Verdict } from './verdicts.ts';
import { Witness } from './witness.ts';

/** As many replies are lost at once as a store of n8n has connections. 10 rounds lose 100 of each kind. */
const rounds = Math.ceil(Number(process.env['DELIVERY_KILLS'] ?? 10) / 10);
const perRound = 10;

const kinds = ['redis', 'postgres'] as const;
type Kind = (typeof kinds)[number];

/** Longer than the store waits for a reply. */
const replyIsLostAfterMs = 6000;

/** Longer than it takes from the click to the first node, and until the line is deaf. */
const workSeconds = 3;

const withinAMinuteMs = 75_000;

describe(`n8n, to whom ${rounds * perRound} replies of its store to decisions and as many to the ends of executions are lost`, () => {
	let n8n: N8nInstance;
	let servers: Readonly<Record<Kind, TestServer>>;
	let lines: Readonly<Record<Kind, TcpProxy>>;
	let witness: Witness;
	let reviews: Readonly<Record<Kind, Reviews>>;
	let removeUserFolder: () => Promise<void>;
	const verdicts = new Map<Kind, readonly Verdict[]>();

	beforeAll(async () => {
		const userFolder = await mkdtemp(join(tmpdir(), 'n8n-nodes-resilient-llm-'));
		removeUserFolder = removeOnExit(userFolder);
		const [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
		servers = { redis, postgres };
		lines = { redis: await startTcpProxy(redis.port), postgres: await startTcpProxy(postgres.port) };
		witness = await Witness.start();
		n8n = await N8nInstance.prepare({ userFolder });
		const accounts = { resilientLlmRedisApi: redisData(lines.redis.port), resilientLlmPostgresApi: postgresData(lines.postgres.port) };
		await importWorkflows(n8n, kinds.map((kind) => decidedWorkflow(kind, witness.url)), accounts);
		const ports = { redis: redis.port, postgres: postgres.port };
		const reviewsOf = (kind: Kind) => new Reviews(kind, storeAddress(kind, userFolder, ports), n8n.url);
		reviews = { redis: reviewsOf('redis'), postgres: reviewsOf('postgres') };
		await startServer(n8n);
		const rest = await N8nRest.logIn(n8n);
		for (const kind of kinds) await rest.activate(workflowIdOf(kind), pagePathOf(kind));
		await warmUp(Object.values(reviews), witness);

		await Promise.all(kinds.map(runRounds));
		for (const kind of kinds) verdicts.set(kind, await verdictsOn(reviews[kind], kind, witness, rest));
	}, 600_000 + rounds * 240_000);

	afterAll(async () => {
		await n8n?.stop();
		await Promise.all(Object.values(reviews ?? {}).map(async (one) => await one.close()));
		await Promise.all(Object.values(lines ?? {}).map(async (line) => await line.stop()));
		await Promise.all([...Object.values(servers ?? {}).map(async (server) => await server.stop()), witness?.stop()]);
		await removeUserFolder?.();
	});

	async function runRounds(kind: Kind): Promise<void> {
		for (let round = 0; round < rounds; round++) {
			const decided = await decisionsWithoutReply(kind);
			await delivered(kind, decided);
			await endsWithoutReply(kind);
		}
	}

	/** The reviewers get no confirmation, and send again. */
	async function decisionsWithoutReply(kind: Kind): Promise<readonly OpenReview[]> {
		const opened = await openReviews(kind, 0);
		lines[kind].become('deaf');
		const told = await Promise.all(opened.map(async (review) => await reviews[kind].decide(review)));
		lines[kind].become('up');
		expect(told).toEqual(opened.map(() => 'not now'));
		for (const { taskId } of opened) expect(await reviews[kind].decisionOf(taskId)).toMatchObject({ delivered: false });
		for (const review of opened) await sent(kind, review);
		return opened;
	}

	/** The executions end, and the store's word that it has noted it never comes. */
	async function endsWithoutReply(kind: Kind): Promise<void> {
		const opened = await openReviews(kind, workSeconds);
		for (const review of opened) await sent(kind, review);
		await until(`executions on ${kind} began`, () => opened.every(({ taskId }) => witness.executionsOf(taskId, 'begin').length > 0));
		lines[kind].become('deaf');
		await until(`executions on ${kind} ended`, () => opened.every(({ taskId }) => witness.executionsOf(taskId, 'end').length > 0));
		await sleep(replyIsLostAfterMs);
		lines[kind].become('up');
		await delivered(kind, opened);
	}

	async function openReviews(kind: Kind, seconds: number): Promise<readonly OpenReview[]> {
		const opened = await Promise.all(Array.from({ length: perRound }, async () => await reviews[kind].open(seconds)));
		await reviews[kind].visit(perRound);
		return opened;
	}

	/** A store that has just come back may still be connecting. */
	async function sent(kind: Kind, review: OpenReview): Promise<void> {
		for (let tries = 0; (await reviews[kind].decide(review)) !== 'sent'; tries++) expect(tries).toBeLessThan(10);
	}

	async function delivered(kind: Kind, opened: readonly OpenReview[]): Promise<void> {
		const startedAt = Date.now();
		const isWaiting = async () => {
			const waiting = await reviews[kind].undelivered();
			return opened.some(({ taskId }) => waiting.includes(taskId));
		};
		while (await isWaiting()) {
			if (Date.now() - startedAt > withinAMinuteMs) throw new Error(`Decisions on ${kind} are not delivered`);
			await sleep(500);
		}
	}

	test.each(kinds)('%s: an execution with every decision ended, and none was started twice', (kind) => {
		const ofKind = verdicts.get(kind) ?? [];
		expect(ofKind).toHaveLength(1 + rounds * perRound * 2);
		const wrong = ofKind.filter(({ begun, ended, delivered, decisionId, decisionIdsHeard }) => {
			return begun.length !== 1 || ended.length !== 1 || !delivered || decisionIdsHeard.join() !== decisionId;
		});
		expect(wrong).toEqual([]);
	});
});
