import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { TaskStore } from '../../nodes/ResilientLlm/engine/store/task-store';
import { embeddedStorePlaces } from '../../nodes/ResilientLlm/host/n8n-folder';
import { hashReviewToken } from '../../nodes/ResilientLlm/review/token';
import { createEmbeddedTaskStore } from '../../nodes/ResilientLlm/stores/embedded/embedded';
import type { StoreNotice } from '../../nodes/ResilientLlm/stores/store-notice';
import { expectToWork, reasonOf } from './failure';
import { facts, restoreEmbedded } from './fixtures/0.1.0/restore';
import { linesOf } from './ledger-lines';
import { messageFrom, startChild } from './processes/child';
import { decision } from './samples';

/** What the fixture holds. */
const records = Object.keys(facts.tasks).length;

let root: string;
let n8nFolder: string;
let file: string;
let formerFile: string;
let notices: StoreNotice[];
let opened: TaskStore[];

const open = () => {
	const store = createEmbeddedTaskStore({ file, formerFile, tell: (notice) => notices.push(notice) });
	opened.push(store);
	return store;
};
const countIn = async (store: TaskStore) => (await store.list({ states: [], limit: 1000 })).records.length;
const below = (folder: string) =>
	existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted() : [];

/** A process of version 0.1.0 that has the file open: as long as it lives, it writes to it with a log beside it. */
function oldProcess() {
	const database = new DatabaseSync(formerFile, { timeout: 3000 });
	database.exec('PRAGMA journal_mode = WAL');
	const count = () => Number(database.prepare('SELECT count(*) AS count FROM tasks').get()?.count);
	count();
	const insert = (key: string) =>
		database.exec(`INSERT INTO tasks (key, state, fingerprint, task_hash, workflow_id, started_at, happened_at, holds_until, prune_at, identity)
			SELECT '${key}', state, fingerprint, task_hash, workflow_id, started_at, happened_at, holds_until, prune_at, identity FROM tasks WHERE state = 'processing'`);
	return { count, insert, end: () => database.close() };
}

beforeAll(async () => {
	root = await mkdtemp(join(tmpdir(), 'former-place-'));
});

afterAll(async () => {
	await rm(root, { recursive: true });
});

beforeEach(async () => {
	n8nFolder = join(await mkdtemp(join(root, 'n8n-')), '.n8n');
	mkdirSync(n8nFolder);
	({ file, formerFile } = embeddedStorePlaces(n8nFolder));
	restoreEmbedded(formerFile);
	notices = [];
	opened = [];
});

afterEach(async () => {
	await Promise.all(opened.map(async (store) => await store.close()));
});

const movedNotice = () => ({ kind: 'information', words: `The task store was moved from ${formerFile} to ${file}.` });

describe('the embedded store of version 0.1.0', () => {
	it('is moved out of n8n’s own folder, with everything in it, and the empty folders go', async () => {
		const store = open();
		expect(await countIn(store)).toBe(records);
		expect(await linesOf(store, 'attempt')).toBe(10);
		expect(notices).toEqual([movedNotice()]);
		expect(readdirSync(n8nFolder)).toEqual(['n8n-nodes-resilient-llm']);
		expect(below(n8nFolder)).toEqual(
			['', '/tasks.sqlite', '/tasks.sqlite-shm', '/tasks.sqlite-wal'].map((name) => `n8n-nodes-resilient-llm${name}`),
		);
		expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
	});

	it('keeps its reviews: links open them, and they can be decided', async () => {
		const store = open();
		for (const token of facts.links['pending']?.embedded ?? []) {
			expect(await store.findReview({ tokenHash: hashReviewToken(token) })).toMatchObject({
				state: 'pending_human_review',
			});
		}
		const review = await store.findReview({ taskId: 'pending' });
		expect(await store.decide(review?.identity.key ?? '', decision(), null)).toMatchObject({ kind: 'decided' });
	});

	it('is moved once: whoever comes later finds it, and is told nothing', async () => {
		await open().get('a');
		notices = [];
		expect(await countIn(open())).toBe(records);
		expect(notices).toEqual([]);
	});

	it('leaves a storage folder that holds something else, and takes only its own folder away', async () => {
		mkdirSync(join(n8nFolder, 'storage', 'workflows', '7'), { recursive: true });
		writeFileSync(join(n8nFolder, 'storage', 'workflows', '7', 'file'), 'of n8n');
		await open().get('a');
		expect(below(join(n8nFolder, 'storage'))).toEqual(['workflows', 'workflows/7', 'workflows/7/file']);
	});

	it('leaves what somebody else has put beside the file', async () => {
		writeFileSync(join(dirname(formerFile), 'a copy'), 'by hand');
		expect(await countIn(open())).toBe(records);
		expect(below(join(n8nFolder, 'storage'))).toEqual(['n8n-nodes-resilient-llm', 'n8n-nodes-resilient-llm/a copy']);
	});

	it('takes folders away in which there is nothing, and makes none', async () => {
		for (const name of readdirSync(dirname(formerFile))) rmSync(join(dirname(formerFile), name));
		await open().get('a');
		expect([readdirSync(n8nFolder), notices]).toEqual([['n8n-nodes-resilient-llm'], []]);
	});

	it('leaves an empty storage folder alone that is not of this package', async () => {
		rmSync(dirname(formerFile), { recursive: true });
		await open().get('a');
		expect(readdirSync(n8nFolder)).toEqual(['n8n-nodes-resilient-llm', 'storage']);
	});

	it('that was never used is begun anew at the new place', async () => {
		for (const name of readdirSync(dirname(formerFile))) rmSync(join(dirname(formerFile), name));
		writeFileSync(formerFile, '');
		await expectToWork(open());
		expect(readdirSync(n8nFolder)).toEqual(['n8n-nodes-resilient-llm']);
	});
});

describe('two processes and more that come at the same time', () => {
	it.each([2, 6])('%i of them: one moves it, and all find everything', async (processes) => {
		const children = Array.from({ length: processes }, () => startChild('mover.ts', file, formerFile));
		await Promise.all(children.map(async (child) => await messageFrom(child)));
		const answers = children.map(
			async (child) => await messageFrom<{ notices: StoreNotice[]; records: number }>(child),
		);
		for (const child of children) child.send('go');
		const found = await Promise.all(answers);
		for (const child of children) child.disconnect();
		expect(found.map((answer) => answer.records)).toEqual(Array.from({ length: processes }, () => records));
		expect(found.flatMap((answer) => answer.notices)).toEqual([movedNotice()]);
		expect(existsSync(join(n8nFolder, 'storage'))).toBe(false);
	});

	it('and are killed at any moment: the next one finds everything', async () => {
		const large = new DatabaseSync(formerFile);
		large.exec(`INSERT INTO tasks (key, state, fingerprint, task_hash, workflow_id, started_at, happened_at, holds_until, prune_at, identity, payload)
			WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
			SELECT 'k' || i, 'answered', '', '', '', 1, 1, 9e15, 9e15, '{}', hex(randomblob(2000)) FROM n`);
		const count = () => Number(large.prepare('SELECT count(*) AS count FROM tasks').get()?.count);
		const all = count();
		large.close();
		const rounds = 12;
		let halfDone = 0;
		for (let round = 0; round < rounds; round++) {
			const child = startChild('mover.ts', file, formerFile);
			await messageFrom(child);
			const ended = once(child, 'exit');
			child.send('go');
			await new Promise((resolve) => setTimeout(resolve, 5 + round * 6));
			child.kill('SIGKILL');
			await ended;
			if (existsSync(`${formerFile}-moving`)) halfDone += 1;

			const store = open();
			await store.get('a');
			await store.close();
			const database = new DatabaseSync(file);
			expect(Number(database.prepare('SELECT count(*) AS count FROM tasks').get()?.count)).toBe(all);
			expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
			database.close();
			expect(below(n8nFolder)).toEqual(['n8n-nodes-resilient-llm', 'n8n-nodes-resilient-llm/tasks.sqlite']);
			mkdirSync(dirname(formerFile), { recursive: true });
			renameSync(file, formerFile);
		}
		// The kill is not idle.
		expect(halfDone).toBeGreaterThan(0);
	}, 60_000);
});

describe('a process of version 0.1.0 that still runs', () => {
	it('keeps the file at its place, for all, and nothing is done twice; when it has ended, the file is moved', async () => {
		const old = oldProcess();
		const store = open();
		expect(await countIn(store)).toBe(records);
		expect(notices).toEqual([
			{
				kind: 'warning',
				words: expect.stringMatching(
					/^The task store stays at .*storage.* for now, because another process has it open\. To move it to /,
				),
			},
		]);
		expect(existsSync(file)).toBe(false);
		await expectToWork(store, 'new');
		old.insert('old');
		expect([old.count(), await countIn(store)]).toEqual([records + 2, records + 2]);
		expect(await countIn(open())).toBe(records + 2);

		old.end();
		await Promise.all(opened.map(async (one) => await one.close()));
		notices = [];
		expect(await countIn(open())).toBe(records + 2);
		expect(notices).toEqual([movedNotice()]);
	});

	it('that begins after the move has a store of its own, and everybody is told so', async () => {
		const store = open();
		await store.get('a');
		restoreEmbedded(formerFile);
		notices = [];
		expect(await countIn(open())).toBe(records);
		expect(notices).toEqual([
			{ kind: 'warning', words: expect.stringContaining(`keeps a task store of its own at ${formerFile}`) },
		]);
		expect(existsSync(formerFile)).toBe(true);
	});
});

describe('a move that fails', () => {
	it('leaves the file where it is and uses it there, and says why', async () => {
		mkdirSync(join(`${file}-copy`, 'in the way'), { recursive: true });
		const store = open();
		expect(await countIn(store)).toBe(records);
		expect(notices).toEqual([
			{
				kind: 'warning',
				words: expect.stringContaining(
					`The task store stays at ${formerFile}, because it could not be moved to ${file}: `,
				),
			},
		]);
		await store.close();
		rmSync(`${file}-copy`, { recursive: true });
		expect(await countIn(open())).toBe(records);
		expect(existsSync(join(n8nFolder, 'storage'))).toBe(false);
	});

	it('names the file that is damaged', async () => {
		for (const name of readdirSync(dirname(formerFile))) rmSync(join(dirname(formerFile), name));
		writeFileSync(formerFile, 'not a database'.repeat(1000));
		expect(await reasonOf(() => open().get('a'))).toMatch(
			`The task store ${formerFile} is not a task store. Move that file away`,
		);
		expect(existsSync(formerFile)).toBe(true);
	});

	it.each([
		['before the copy was begun', () => undefined],
		['while the copy was written', () => writeFileSync(`${file}-copy`, 'half')],
		['while a process of 0.1.0 began anew', () => restoreEmbedded(formerFile)],
	])('because its process ended %s is completed by the next', async (_, also) => {
		await open().get('a');
		await opened[0]?.close();
		// As it stands after the first step.
		mkdirSync(dirname(formerFile), { recursive: true });
		const database = new DatabaseSync(file);
		database.exec(`PRAGMA journal_mode = DELETE`);
		database.prepare('VACUUM INTO ?').run(`${formerFile}-moving`);
		database.close();
		rmSync(file);
		also();
		notices = [];
		expect(await countIn(open())).toBe(records);
		expect(notices).toContainEqual(movedNotice());
		expect(existsSync(`${formerFile}-moving`)).toBe(false);
	});

	it('because its process ended after the copy stood is tidied up by the next', async () => {
		await open().get('a');
		mkdirSync(dirname(formerFile), { recursive: true });
		writeFileSync(`${formerFile}-moving`, 'what was copied');
		notices = [];
		expect(await countIn(open())).toBe(records);
		expect([notices, readdirSync(n8nFolder)]).toEqual([[], ['n8n-nodes-resilient-llm']]);
	});

	it('because its process ended between the removals of the two old folders is tidied up by the next', async () => {
		await open().get('a');
		await opened[0]?.close();
		mkdirSync(dirname(dirname(formerFile)));
		writeFileSync(`${file}-tidying`, '');
		await open().get('a');
		expect(below(n8nFolder).filter((path) => !/-(wal|shm)$/.test(path))).toEqual([
			'n8n-nodes-resilient-llm',
			'n8n-nodes-resilient-llm/tasks.sqlite',
		]);
	});

	it('is possible where others may read the old file: nobody else may read the new one', async () => {
		chmodSync(formerFile, 0o644);
		await open().get('a');
		for (const name of readdirSync(dirname(file))) expect(statSync(join(dirname(file), name)).mode & 0o077).toBe(0);
	});
});
