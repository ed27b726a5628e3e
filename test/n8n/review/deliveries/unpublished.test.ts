import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { removeOnExit } from '../../install/remove-on-exit.ts';
import { N8nInstance } from '../../server/n8n-instance.ts';
import { kill, startServer, until } from '../../task-store/processes.ts';
import { importWorkflows } from '../imported-workflows.ts';
import { N8nRest } from '../n8n-rest.ts';
import { decidedWorkflow, pagePathOf, triggerName, workflowIdOf } from './decided-workflow.ts';
import { Reviews, storeAddress, type OpenReview } from './reviews.ts';
import { verdictsOn } from './verdicts.ts';
import { Witness } from './witness.ts';

const store = 'embedded';

/** A lease, and one look more. */
const handedOverWithinMs = 75_000;

describe('a workflow that nobody has published, tried out in the editor', () => {
	let n8n: N8nInstance;
	let rest: N8nRest;
	let witness: Witness;
	let reviews: Reviews;
	let server: Awaited<ReturnType<typeof startServer>>;
	let removeUserFolder: () => Promise<void>;

	beforeAll(async () => {
		const userFolder = await mkdtemp(join(tmpdir(), 'n8n-nodes-resilient-llm-'));
		removeUserFolder = removeOnExit(userFolder);
		witness = await Witness.start();
		n8n = await N8nInstance.prepare({ userFolder });
		await importWorkflows(n8n, [decidedWorkflow(store, witness.url)], {});
		reviews = new Reviews(store, storeAddress(store, userFolder, { redis: 0, postgres: 0 }), n8n.url);
		server = await startServer(n8n);
		rest = await N8nRest.logIn(n8n);
	});

	afterAll(async () => {
		await n8n?.stop();
		await reviews?.close();
		await witness?.stop();
		await removeUserFolder?.();
	});

	/** What "Listen for test event" does, and a visit of the Test URL. */
	async function decideOnTestPage(seconds: number): Promise<OpenReview> {
		const review = await reviews.open(seconds);
		await rest.listen(workflowIdOf(store), triggerName);
		expect(await reviews.decide(review, reviews.url.replace('/webhook/', '/webhook-test/'))).toBe('sent');
		await until('the execution began', () => witness.executionsOf(review.taskId, 'begin').length === 1);
		return review;
	}

	const isDelivered = async ({ taskId }: OpenReview) => (await reviews.decisionOf(taskId))?.delivered;

	test('takes a decision from the Test URL, and has it when the test run has ended', async () => {
		const review = await decideOnTestPage(1);
		expect(await isDelivered(review)).toBe(false);
		await expect.poll(async () => await isDelivered(review), { timeout: 30_000 }).toBe(true);
		expect(witness.executionsOf(review.taskId, 'end')).toHaveLength(1);
	});

	test('a decision whose test run died is listed until the workflow is published, and goes to it then', async () => {
		const review = await decideOnTestPage(30);
		await kill(server);
		server = await startServer(n8n);
		rest = await N8nRest.logIn(n8n);
		await sleep(handedOverWithinMs);
		expect(await reviews.undelivered()).toEqual([review.taskId]);
		expect(witness.executionsOf(review.taskId, 'begin')).toHaveLength(1);

		await rest.activate(workflowIdOf(store), pagePathOf(store));
		await expect.poll(async () => await reviews.undelivered(), { timeout: handedOverWithinMs }).toEqual([]);
		const verdict = (await verdictsOn(reviews, store, witness, rest)).find((one) => one.review === review);
		expect(verdict).toMatchObject({
			begun: { length: 2 },
			ended: { length: 1 },
			decisionIdsHeard: [verdict?.decisionId],
		});
	});
});
