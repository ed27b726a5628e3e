import type { ChildProcess } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { removeOnExit } from '../../install/remove-on-exit.ts';
import { N8nInstance } from '../../server/n8n-instance.ts';
import { queueMode } from '../../server/queue-mode.ts';
import { kill, machine, startServer, startServerAgain, startWorker, until } from '../../task-store/processes.ts';
import { postgresData, redisData } from '../../task-store/store-credentials.ts';
import { startPostgres, startRedis, type TestServer } from '../../task-store/store-servers.ts';
import { importWorkflows } from '../imported-workflows.ts';
import { N8nRest, reviewPageAnswers } from '../n8n-rest.ts';
import { decidedWorkflow, pagePathOf, workflowIdOf } from './decided-workflow.ts';
import { decideUntilKilled, warmUp } from './rounds.ts';
import { Reviews, storeAddress } from './reviews.ts';
import { summaryOf, verdictsOn, type Verdict } from './verdicts.ts';
import { Witness } from './witness.ts';

/** A fifth of the kills of regular mode for each of the two processes, and both of them twice at least. */
const kills = Math.max(2, Math.ceil(Number(process.env['DELIVERY_KILLS'] ?? 6) / 5));

const kinds = ['redis', 'postgres'] as const;
type Kind = (typeof kinds)[number];

const allDeliveredWithinMs = 20 * 60_000;

/** More than a decision waits for before it is handed over again, and less than a Wait node keeps in memory. */
const longWorkSeconds = 64;

describe(`n8n in queue mode, whose server and worker are killed ${kills} times each while decisions are on their way`, () => {
	let n8n: N8nInstance;
	let servers: readonly TestServer[];
	let witness: Witness;
	let reviews: Readonly<Record<Kind, Reviews>>;
	let longRun: string;
	const verdicts = new Map<Kind, readonly Verdict[]>();
	let removeUserFolder: () => Promise<void>;

	beforeAll(
		async () => {
			const userFolder = await mkdtemp(join(tmpdir(), 'n8n-nodes-resilient-llm-'));
			removeUserFolder = removeOnExit(userFolder);
			const [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
			servers = [redis, postgres];
			witness = await Witness.start();
			n8n = await N8nInstance.prepare({ userFolder, environment: queueMode(redis.port, postgres.port) });
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
			const reviewsOf = (kind: Kind) => new Reviews(kind, storeAddress(kind, userFolder, ports), n8n.url);
			reviews = { redis: reviewsOf('redis'), postgres: reviewsOf('postgres') };

			let server = await startServer(n8n);
			const workersMachine = await machine(userFolder, 'worker');
			let worker: ChildProcess = await startWorker(n8n, workersMachine);
			const rest = await N8nRest.logIn(n8n);
			for (const kind of kinds) await rest.activate(workflowIdOf(kind), pagePathOf(kind));
			await warmUp(Object.values(reviews), witness);

			// The worker takes long over one decision, and outlives two servers meanwhile.
			const long = await reviews.postgres.open(longWorkSeconds);
			longRun = long.taskId;
			await reviews.postgres.decide(long);
			await until('the long execution began', () => witness.executionsOf(longRun, 'begin').length > 0);
			for (let round = 0; round < kills * 2; round++) {
				const isServers = round % 2 === 0;
				if (!isServers && round < 4)
					await until('the long execution ended', () => witness.executionsOf(longRun, 'end').length > 0, 90_000);
				await decideUntilKilled(Object.values(reviews), witness, async () => await kill(isServers ? server : worker));
				if (isServers) server = await startServerAgain(n8n);
				else worker = await startWorker(n8n, workersMachine);
				for (const kind of kinds) await reviewPageAnswers(reviews[kind].url);
			}

			await Promise.all(kinds.map(async (kind) => await reviews[kind].allDelivered(allDeliveredWithinMs)));
			const again = await N8nRest.logIn(n8n);
			for (const kind of kinds) {
				const ofKind = await verdictsOn(reviews[kind], kind, witness, again);
				verdicts.set(kind, ofKind);
				process.stderr.write(summaryOf(kind, ofKind, kills * 2));
			}
		},
		kills * 120_000 + allDeliveredWithinMs,
	);

	afterAll(async () => {
		await n8n?.stop();
		await Promise.all(Object.values(reviews ?? {}).map(async (one) => await one.close()));
		await Promise.all([...(servers ?? []).map(async (server) => await server.stop()), witness?.stop()]);
		await removeUserFolder?.();
	});

	describe.each(kinds)('with the store %s', (kind) => {
		const stored = () => (verdicts.get(kind) ?? []).filter(({ decisionId }) => decisionId !== undefined);

		test('every decision that a reviewer was told to be sent is stored', () => {
			const told = (verdicts.get(kind) ?? []).filter(({ review }) => review.told === 'sent');
			expect(told.length).toBeGreaterThan(kills);
			expect(told.filter(({ decisionId }) => decisionId === undefined)).toEqual([]);
		});

		test('an execution with every stored decision has ended, all with its one ID', () => {
			expect(stored().filter(({ ended, delivered }) => ended.length === 0 || !delivered)).toEqual([]);
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

	test('an execution whose worker lives is not started again, though it takes long and the server is killed', () => {
		const [long] = (verdicts.get('postgres') ?? []).filter(({ review }) => review.taskId === longRun);
		expect(long?.begun).toHaveLength(1);
		expect(long?.ended).toEqual(long?.begun);
	});
});
