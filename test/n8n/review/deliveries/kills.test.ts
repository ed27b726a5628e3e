import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { removeOnExit } from '../../install/remove-on-exit.ts';
import { N8nInstance } from '../../server/n8n-instance.ts';
import { kill, startServer, startServerAgain } from '../../task-store/processes.ts';
import { postgresData, redisData } from '../../task-store/store-credentials.ts';
import { startPostgres, startRedis, type TestServer } from '../../task-store/store-servers.ts';
import { importWorkflows } from '../imported-workflows.ts';
import { N8nRest, reviewPageAnswers } from '../n8n-rest.ts';
import { decidedWorkflow, pagePathOf, workflowIdOf, type StoreKind } from './decided-workflow.ts';
import { decideUntilKilled, warmUp } from './rounds.ts';
import { Reviews, storeAddress } from './reviews.ts';
import { summaryOf, verdictsOn, type Verdict } from './verdicts.ts';
import { Witness } from './witness.ts';

/** 100 for the full size, which takes half an hour. */
const kills = Number(process.env['DELIVERY_KILLS'] ?? 6);

const kinds = ['embedded', 'redis', 'postgres'] as const;

/** A decision that was hit several times waits for longer each time. */
const allDeliveredWithinMs = 20 * 60_000;

describe(`n8n, killed ${kills} times between a reviewer's click and the end of the execution that it starts`, () => {
	let userFolder: string;
	let n8n: N8nInstance;
	let servers: readonly TestServer[];
	let witness: Witness;
	let reviews: Readonly<Record<StoreKind, Reviews>>;
	const hits = new Map<StoreKind, number>();
	const verdicts = new Map<StoreKind, readonly Verdict[]>();
	let removeUserFolder: () => Promise<void>;

	beforeAll(
		async () => {
			userFolder = await mkdtemp(join(tmpdir(), 'n8n-nodes-resilient-llm-'));
			removeUserFolder = removeOnExit(userFolder);
			const [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
			servers = [redis, postgres];
			witness = await Witness.start();
			n8n = await N8nInstance.prepare({ userFolder });
			const accounts = {
				resilientLlmRedisApi: redisData(redis.port),
				resilientLlmPostgresApi: postgresData(postgres.port),
			};
			await importWorkflows(
				n8n,
				kinds.map((kind) => decidedWorkflow(kind, witness.url)),
				accounts,
			);
			const ports = { redis: redis.port, postgres: postgres.port };
			const reviewsOf = (kind: StoreKind) => new Reviews(kind, storeAddress(kind, userFolder, ports), n8n.url);
			reviews = { embedded: reviewsOf('embedded'), redis: reviewsOf('redis'), postgres: reviewsOf('postgres') };

			let server = await startServer(n8n);
			const rest = await N8nRest.logIn(n8n);
			for (const kind of kinds) await rest.activate(workflowIdOf(kind), pagePathOf(kind));
			for (let round = 0; round < kills; round++) {
				// A kill may also find an n8n that has just started.
				if (round % 2 === 0) await warmUp(Object.values(reviews), witness);
				const hit = await decideUntilKilled(Object.values(reviews), witness, async () => await kill(server));
				for (const kind of new Set(hit.map(({ store }) => store))) hits.set(kind, (hits.get(kind) ?? 0) + 1);
				server = await startServerAgain(n8n);
				for (const kind of kinds) await reviewPageAnswers(reviews[kind].url);
			}

			await Promise.all(kinds.map(async (kind) => await reviews[kind].allDelivered(allDeliveredWithinMs)));
			const again = await N8nRest.logIn(n8n);
			for (const kind of kinds) {
				const ofKind = await verdictsOn(reviews[kind], kind, witness, again);
				verdicts.set(kind, ofKind);
				process.stderr.write(summaryOf(kind, ofKind, hits.get(kind) ?? 0));
			}
		},
		kills * 60_000 + allDeliveredWithinMs,
	);

	afterAll(async () => {
		await n8n?.stop();
		await Promise.all([
			...Object.values(reviews ?? {}).map(async (one) => await one.close()),
			...(servers ?? []).map(async (server) => await server.stop()),
			witness?.stop(),
		]);
		await removeUserFolder?.();
	});

	describe.each(kinds)('with the store %s', (kind) => {
		const stored = () => (verdicts.get(kind) ?? []).filter(({ decisionId }) => decisionId !== undefined);

		test('the kills were not idle: nearly all hit a decision on its way', () => {
			expect(hits.get(kind)).toBeGreaterThan(kills * 0.7);
		});

		test('every decision that a reviewer was told to be sent is stored', () => {
			const told = (verdicts.get(kind) ?? []).filter(({ review }) => review.told === 'sent');
			expect(told.length).toBeGreaterThan(kills / 2);
			expect(told.filter(({ decisionId }) => decisionId === undefined)).toEqual([]);
		});

		test('an execution with every stored decision has ended', () => {
			expect(stored().filter(({ ended, delivered }) => ended.length === 0 || !delivered)).toEqual([]);
		});

		test('all executions with a decision had its one ID', () => {
			expect(
				stored().filter(
					({ decisionId, decisionIdsHeard }) => decisionIdsHeard.length !== 1 || decisionIdsHeard[0] !== decisionId,
				),
			).toEqual([]);
		});

		test('a decision that no kill hit was worked with once', () => {
			const unhurt = stored().filter(({ review }) => !review.wasHit);
			expect(unhurt.length).toBeGreaterThan(0);
			expect(unhurt.filter(({ begun, ended }) => begun.length !== 1 || ended.length !== 1)).toEqual([]);
		});
	});
});
