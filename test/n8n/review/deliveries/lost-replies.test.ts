import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkout } from '../../install/checkout.ts';
import { removeOnExit } from '../../install/remove-on-exit.ts';
import { N8nInstance } from '../../server/n8n-instance.ts';
import { startServer } from '../../task-store/processes.ts';
import { postgresData, redisData } from '../../task-store/store-credentials.ts';
import {
	startPostgres,
	startRedis,
	startTcpProxy,
	type TcpProxy,
	type TestServer,
} from '../../task-store/store-servers.ts';
import { importWorkflows } from '../imported-workflows.ts';
import { N8nRest } from '../n8n-rest.ts';
import { decidedWorkflow, pagePathOf, workflowIdOf } from './decided-workflow.ts';
import { warmUp } from './rounds.ts';
import { Reviews, storeAddress, type OpenReview } from './reviews.ts';
import { verdictsOn, type Verdict } from './verdicts.ts';
import { Witness } from './witness.ts';

/** 100 for the full size, which takes some minutes. */
const count = Number(process.env['DELIVERY_LOST_REPLIES'] ?? 25);

const kinds = ['redis', 'postgres'] as const;
type Kind = (typeof kinds)[number];

interface Scripts {
	readonly decideScript: { readonly sha1: string };
	readonly endScript: { readonly sha1: string };
}

// Not a plain import: this source is written for a bundler and does not compile under the settings here.
const { decideScript, endScript } = (await import(
	join(checkout, 'nodes', 'ResilientLlm', 'stores', 'redis', 'deliveries.ts')
)) as Scripts;

/** A text that is in a request of this kind, and in no other. */
const requests = {
	redis: { decide: decideScript.sha1, end: endScript.sha1 },
	postgres: { decide: "SET state = 'resolved'", end: 'resilient_llm_deliveries WHERE decision_id = $1' },
} as const;

/** Two looks for what is undelivered, and a lease. */
const deliveredWithinMs = 120_000;

describe(`n8n, which does not hear its store's reply to ${count} decisions, and to the ends of ${count} executions`, () => {
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
		const accounts = {
			resilientLlmRedisApi: redisData(lines.redis.port),
			resilientLlmPostgresApi: postgresData(lines.postgres.port),
		};
		await importWorkflows(
			n8n,
			kinds.map((kind) => decidedWorkflow(kind, witness.url)),
			accounts,
		);
		const ports = { redis: redis.port, postgres: postgres.port };
		const reviewsOf = (kind: Kind) => new Reviews(kind, storeAddress(kind, userFolder, ports), n8n.url);
		reviews = { redis: reviewsOf('redis'), postgres: reviewsOf('postgres') };
		await startServer(n8n);
		const rest = await N8nRest.logIn(n8n);
		for (const kind of kinds) await rest.activate(workflowIdOf(kind), pagePathOf(kind));
		await warmUp(Object.values(reviews), witness);

		await Promise.all(kinds.map(decisionsWithoutReply));
		await Promise.all(kinds.map(endsWithoutReply));
		for (const kind of kinds) verdicts.set(kind, await verdictsOn(reviews[kind], kind, witness, rest));
	});

	afterAll(async () => {
		await n8n?.stop();
		await Promise.all(Object.values(reviews ?? {}).map(async (one) => await one.close()));
		await Promise.all(Object.values(lines ?? {}).map(async (line) => await line.stop()));
		await Promise.all([...Object.values(servers ?? {}).map(async (server) => await server.stop()), witness?.stop()]);
		await removeUserFolder?.();
	});

	/** Each reviewer gets no confirmation, and sends again. */
	async function decisionsWithoutReply(kind: Kind): Promise<void> {
		for (let index = 0; index < count; index++) {
			const review = await reviews[kind].open(0);
			lines[kind].loseReplies({ holding: requests[kind].decide, times: 1, connection: 'breaks' });
			expect(await reviews[kind].decide(review)).toBe('not now');
			expect(await reviews[kind].decisionOf(review.taskId)).toMatchObject({ delivered: false });
			await sent(kind, review);
		}
		await reviews[kind].allDelivered(deliveredWithinMs);
	}

	/** Executions end, and the store's word that it has noted it never comes. */
	async function endsWithoutReply(kind: Kind): Promise<void> {
		lines[kind].loseReplies({ holding: requests[kind].end, times: count, connection: 'breaks' });
		for (let index = 0; index < count; index++) await sent(kind, await reviews[kind].open(0));
		await reviews[kind].allDelivered(deliveredWithinMs);
	}

	/** A store whose connection broke a moment ago may still be connecting. */
	async function sent(kind: Kind, review: OpenReview): Promise<void> {
		for (let tries = 0; (await reviews[kind].decide(review)) !== 'sent'; tries++) expect(tries).toBeLessThan(10);
	}

	test.each(kinds)('%s: an execution with every decision ended, and none was started twice', (kind) => {
		const ofKind = verdicts.get(kind) ?? [];
		expect(ofKind).toHaveLength(1 + 2 * count);
		expect(lines[kind].lost).toBeGreaterThanOrEqual(2 * count);
		const wrong = ofKind.filter(({ begun, ended, delivered, decisionId, decisionIdsHeard }) => {
			return begun.length !== 1 || ended.length !== 1 || !delivered || decisionIdsHeard.join() !== decisionId;
		});
		expect(wrong).toEqual([]);
	});
});
