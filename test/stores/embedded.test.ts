import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
	chmod,
	copyFile,
	mkdir,
	mkdtemp,
	open,
	readdir,
	readFile,
	rename,
	rm,
	stat,
	writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import type { TaskStore } from '../../nodes/ResilientLlm/engine/store/task-store';
import { createEmbeddedTaskStore, type EmbeddedStoreSettings } from '../../nodes/ResilientLlm/stores/embedded/embedded';
import { embeddedDialect, embeddedTables } from '../../nodes/ResilientLlm/stores/embedded/schema';
import { branchesOf } from '../../nodes/ResilientLlm/stores/record-page';
import { listStatement, sqlStatements } from '../../nodes/ResilientLlm/stores/sql/statements';
import { taskStoreContract } from './contract';
import { deliveryContract } from './delivery-contract';
import { standingClock, type DrivenTime } from './driven-time';
import { expectToWork, failureOf, reasonOf } from './failure';
import { ledgerContract } from './ledger-contract';
import { sameAsMemory } from './model';
import { programArguments } from './processes/child';
import { answer, claimed, day, decision, escalation, hour, identityOf } from './samples';

const original = StatementSync.prototype.run;

let folder: string;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'embedded-store-'));
});

afterAll(async () => {
	await rm(folder, { recursive: true });
});

const newFile = async () => join(await mkdtemp(join(folder, 'store-')), 'storage', 'tasks.sqlite');

const world = async (time: DrivenTime) => {
	const file = await newFile();
	return { open: () => createEmbeddedTaskStore({ file, clock: standingClock(time) }), clockToleranceMs: 0 };
};

taskStoreContract('embedded', world);

ledgerContract('embedded', world);

deliveryContract('embedded', world);

sameAsMemory('embedded', async (time) =>
	createEmbeddedTaskStore({ file: await newFile(), clock: standingClock(time) }),
);

describe('the embedded store', () => {
	let file: string;
	let store: TaskStore;
	let opened: TaskStore[];

	const openStore = (settings: Omit<EmbeddedStoreSettings, 'file'> = {}) => {
		const another = createEmbeddedTaskStore({ file, ...settings });
		opened.push(another);
		return another;
	};

	beforeEach(async () => {
		file = await newFile();
		opened = [];
		store = openStore();
	});

	afterEach(async () => {
		await Promise.all(opened.map(async (one) => await one.close()));
	});

	it('keeps its files to the user that runs n8n', async () => {
		await store.get('a');
		const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
		expect(await modeOf(join(file, '..'))).toBe('700');
		const files = await readdir(join(file, '..'));
		expect(files.toSorted()).toEqual(['tasks.sqlite', 'tasks.sqlite-shm', 'tasks.sqlite-wal']);
		for (const name of files) expect(await modeOf(join(file, '..', name))).toBe('600');
	});

	it('makes no file before it is used', async () => {
		await expect(stat(file)).rejects.toThrow('ENOENT');
	});

	it('waits for the disk with each write that a power cut must not undo, also after one that need not', async () => {
		const commits: string[] = [];
		let synchronous = 'FULL';
		const spied = vi.spyOn(StatementSync.prototype, 'run').mockImplementation(function (
			this: StatementSync,
			...values
		) {
			synchronous = /^PRAGMA synchronous = (\w+)/.exec(this.sourceSQL)?.[1] ?? synchronous;
			if (this.sourceSQL === 'COMMIT') commits.push(synchronous);
			return original.apply(this, values);
		});
		const numbers = async (key: string) => await store.note(identityOf(key), { kind: 'answered', ...answer(null) });
		await store.complete(await claimed(store, 'a'), answer());
		await numbers('b');
		await numbers('c');
		await store.escalate(await claimed(store, 'd'), escalation());
		await numbers('e');
		await store.decide('d', decision(), null);
		await Promise.all([numbers('f'), store.addReviewLink('nobody', 'token')]);
		spied.mockRestore();
		expect(commits).toEqual(['FULL', 'FULL', 'NORMAL', 'NORMAL', 'FULL', 'FULL', 'NORMAL', 'FULL', 'FULL']);
	});

	it('is still there when it is opened again', async () => {
		await store.complete(await claimed(store, 'a'), answer('kept'));
		await store.close();
		expect(await openStore().get('a')).toMatchObject({ payload: 'kept' });
	});

	it('overwrites what it forgets, and what the next claim of a key replaces', async () => {
		const text = 'very private';
		let now = Date.now();
		const driven = openStore({ clock: { now: () => now } });
		await driven.complete(await claimed(driven, 'a'), answer(text, hour));
		for (const key of ['b', 'c']) {
			await driven.escalate(
				await claimed(driven, key),
				escalation({ tokenHash: key, payload: text, retentionMs: hour }),
			);
			await driven.decide(key, decision({ output: text, reviewer: text, comment: text }), null);
		}
		now += day;
		await claimed(driven, 'c', 'next owner');
		await driven.prune();
		await driven.close();
		await store.close();
		const bytes = await readFile(file);
		expect(bytes.includes(text)).toBe(false);
	});

	it('forgets a decision that was never delivered when its record is forgotten', async () => {
		let now = Date.now();
		const driven = openStore({ clock: { now: () => now } });
		await driven.escalate(await claimed(driven, 'a'), escalation({ retentionMs: hour }));
		await driven.decide('a', decision(), { to: 'trigger', leaseMs: 0, keepMs: day });
		const rows = () => {
			const database = new DatabaseSync(file);
			const [row] = database.prepare('SELECT count(*) AS rows FROM deliveries').all();
			database.close();
			return row?.rows;
		};
		now += 30 * day;
		await driven.prune();
		expect(rows()).toBe(1);
		now += 2 * day;
		await driven.prune();
		expect(rows()).toBe(0);
	});

	it('says that a part of its path is a file', async () => {
		await writeFile(join(file, '..', '..', 'storage'), '');
		expect(await failureOf(store)).toBe(
			`The task store ${file} cannot be made: a part of its path is a file, not a folder. Move that file away.`,
		);
		await rm(join(file, '..', '..', 'storage'));
		await expectToWork(store);
	});

	it('says that a folder is in its place', async () => {
		await mkdir(file, { recursive: true });
		expect(await failureOf(store)).toBe(`The task store ${file} is a folder. Move that folder away.`);
	});

	it('says who has to get which right, when the folder may not be written, and works once it may', async () => {
		await mkdir(join(file, '..'), { recursive: true });
		await chmod(join(file, '..'), 0o555);
		expect(failureAsOrdinaryUser(file)).toBe(
			`The task store ${file} may not be opened. Give the user that runs n8n the right to write the file and its folder.`,
		);
	});

	it('says so when the file may only be read', async () => {
		await store.get('a');
		await store.close();
		await chmod(file, 0o444);
		await chmod(join(file, '..'), 0o555);
		expect(failureAsOrdinaryUser(file)).toBe(
			`The task store ${file} may not be opened. Give the user that runs n8n the right to write the file and its folder.`,
		);
	});

	it('says that the file is something else', async () => {
		await mkdir(join(file, '..'), { recursive: true });
		await writeFile(file, randomBytes(8192));
		expect(await failureOf(store)).toBe(
			`The task store ${file} is not a task store. Move that file away: a new store begins at once.`,
		);
		await rename(file, `${file}.old`);
		await expectToWork(store);
	});

	it('says that the file is damaged, and begins a new one when it was moved away', async () => {
		for (let index = 0; index < 200; index++)
			await store.note(identityOf(`k${index}`), { kind: 'answered', ...answer('text '.repeat(200)) });
		await store.close();
		const handle = await open(file, 'r+');
		const { size } = await handle.stat();
		for (let page = 1; page * 4096 < size; page++) await handle.write(randomBytes(4096), 0, 4096, page * 4096);
		await handle.close();

		const damaged = openStore();
		expect(await reasonOf(() => damaged.list({ states: [], limit: 10 }))).toMatch(
			`The task store ${file} is damaged. Move the file away`,
		);
		for (const name of await readdir(join(file, '..')))
			await rename(join(file, '..', name), join(file, '..', '..', name));
		await expectToWork(damaged);
	});

	it('names the record that somebody has damaged, and serves all others', async () => {
		await store.complete(await claimed(store, 'a'), answer());
		const database = new DatabaseSync(file);
		database.exec(`UPDATE tasks SET payload = '{"output":'`);
		database.close();
		expect(await reasonOf(() => store.get('a'))).toBe(
			"The task store's record a cannot be read: its payload is damaged. Delete that record; its task runs again.",
		);
		await expectToWork(store);
	});

	it('refuses a file of a newer version of the package, and leaves it alone', async () => {
		await store.get('a');
		await store.close();
		const database = new DatabaseSync(file);
		database.exec('PRAGMA user_version = 7');
		database.close();
		expect(await failureOf(openStore())).toBe(
			`The task store ${file} was written by a newer version of n8n-nodes-resilient-llm (schema 7, this one knows 3). Update the package, or move the file away to begin a new store.`,
		);
	});

	it('says that the disk is full, keeps what it has, and goes on when there is space', async () => {
		await store.complete(await claimed(store, 'kept'), answer('kept'));
		await store.close();
		const full = openStore({ maxPages: 40 });
		const lease = await claimed(full, 'large');
		expect(await reasonOf(() => full.complete(lease, answer('x'.repeat(1_000_000))))).toBe(
			`The task store ${file} cannot grow because the disk is full. Free some space; the store then goes on by itself.`,
		);
		expect(await full.get('kept')).toMatchObject({ payload: 'kept' });
		expect(await full.get('large')).toMatchObject({ state: 'processing' });
		expect(await full.complete(lease, answer('small'))).toBe('stored');
		await full.close();
		expect(await openStore().get('large')).toMatchObject({ payload: 'small' });
	});

	it('says that the disk is full when there is no room for the store itself', async () => {
		expect(await failureOf(openStore({ maxPages: 2 }))).toMatch('because the disk is full');
		await expectToWork(openStore());
	});

	it('waits for another process that writes, but not for ever', async () => {
		await store.get('a');
		const other = new DatabaseSync(file);
		other.exec('BEGIN IMMEDIATE');
		const impatient = openStore({ busyTimeoutMs: 50 });
		expect(await reasonOf(() => claimed(impatient, 'a'))).toMatch(
			`The task store ${file} is locked by another process. `,
		);
		expect(await impatient.get('a')).toBeUndefined();
		other.exec('COMMIT');
		other.close();
		await expectToWork(impatient);
	});

	it('opens a file that another process is just making', async () => {
		const stores = Array.from({ length: 8 }, () => openStore());
		await Promise.all(stores.map(async (one, index) => await expectToWork(one, `k${index}`)));
	});

	it('survives a copy of its files, as a backup makes it', async () => {
		await store.escalate(await claimed(store, 'a'), escalation());
		const copy = join(await mkdtemp(join(folder, 'backup-')), 'tasks.sqlite');
		for (const ending of ['', '-wal']) await copyFile(`${file}${ending}`, `${copy}${ending}`);
		const restored = createEmbeddedTaskStore({ file: copy });
		expect(await restored.get('a')).toMatchObject({ state: 'pending_human_review' });
		await restored.close();
	});

	it('walks an index for every list and every pruning', async () => {
		await store.get('a');
		const database = new DatabaseSync(file);
		const names = { ...embeddedTables, ...embeddedDialect, clock: '1' };
		const planOf = (statement: string) => {
			const prepared = database.prepare(`EXPLAIN QUERY PLAN ${statement}`);
			prepared.setAllowUnknownNamedParameters(true);
			return prepared
				.all({})
				.map(({ detail }) => String(detail))
				.join('\n');
		};
		for (const states of [[], ['answered'], ['pending_human_review', 'expired']] as const) {
			for (const narrow of [false, true]) {
				const plan = planOf(
					listStatement(names, branchesOf(states), {
						byWorkflow: narrow,
						byDueDate: narrow,
						undelivered: false,
						payloads: true,
					}),
				);
				expect(plan.match(/SEARCH tasks USING INDEX tasks_by_state \(state=\? AND happened_at/g)).toHaveLength(
					branchesOf(states).length,
				);
				expect(plan).not.toMatch(/SCAN tasks/);
			}
		}
		const statements = sqlStatements(names);
		for (const statement of Object.values(statements)) {
			const text = typeof statement === 'string' ? statement : `WITH moment AS (SELECT 1 AS now) ${statement.write}`;
			expect(planOf(text)).not.toMatch(/SCAN (tasks|ledger)|TEMP B-TREE/);
		}
		expect(planOf(statements.tally)).toMatch('SEARCH ledger USING PRIMARY KEY (hour>? AND hour<?)');
		database.close();
	});
});

/** Root may do everything, so the store is opened by a process of the user "nobody" there. */
function failureAsOrdinaryUser(file: string): string {
	const asNobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
	const { stdout, stderr } = spawnSync(process.execPath, programArguments('open.ts', { kind: 'embedded', file }), {
		...asNobody,
		encoding: 'utf8',
	});
	return stdout === '' ? stderr : stdout;
}
