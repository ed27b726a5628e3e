import { once } from 'node:events';
import {
	copyFileSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	renameSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { runRemembered } from '../../nodes/ResilientLlm/tasks/remembered-run';
import type { RememberedTask } from '../../nodes/ResilientLlm/tasks/remembered-task';
import { createOwedWrites } from '../../nodes/ResilientLlm/engine/store/owed-writes';
import type { TaskStore } from '../../nodes/ResilientLlm/engine/store/task-store';
import { systemClock } from '../../nodes/ResilientLlm/host/clock';
import { createStoreNotices } from '../../nodes/ResilientLlm/host/store-notices';
import { createEmbeddedTaskStore } from '../../nodes/ResilientLlm/stores/embedded/embedded';
import type { StoreNotice } from '../../nodes/ResilientLlm/stores/store-notice';
import { tried } from '../../nodes/ResilientLlm/stores/tried';
import { answered } from '../engine/once/once-world';
import { expectToWork, reasonOf } from './failure';
import { linesOf, taskLine } from './ledger-lines';
import { messageFrom, startChild } from './processes/child';
import { answer, claimed, day, decision, escalation, hour, identityOf } from './samples';
import { conversationOf } from '../../nodes/ResilientLlm/engine/conversation';

let folder: string;
let file: string;
let notices: StoreNotice[];
let opened: TaskStore[];
let store: TaskStore;

const open = (at = file) => {
	const another = createEmbeddedTaskStore({ file: at, tell: (notice) => notices.push(notice) });
	opened.push(another);
	return another;
};

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'replaced-'));
});

afterAll(async () => {
	await rm(folder, { recursive: true });
});

beforeEach(async () => {
	file = join(await mkdtemp(join(folder, 'store-')), 'store', 'tasks.sqlite');
	notices = [];
	opened = [];
	store = open();
	await store.complete(await claimed(store, 'before'), answer('kept', day, [taskLine()]));
});

afterEach(async () => {
	await Promise.all(opened.map(async (one) => await one.close()));
});

const endings = ['', '-wal', '-shm'] as const;
const remove = (...gone: readonly string[]) => gone.forEach((ending) => rmSync(`${file}${ending}`));
const isSound = () => {
	const database = new DatabaseSync(file);
	const [check] = database.prepare('PRAGMA integrity_check').all();
	database.close();
	return check?.integrity_check === 'ok';
};

/** Everything that is written from now on must be found by whoever opens the file later. */
async function expectNothingLostFromNowOn(): Promise<void> {
	await store.escalate(await claimed(store, 'after'), escalation());
	await store.complete(await claimed(store, 'last'), answer('last', day, [taskLine()]));
	expect(await open().get('last')).toMatchObject({ payload: 'last' });
	await store.close();
	const later = open();
	expect(await later.get('after')).toMatchObject({ state: 'pending_human_review' });
	expect(await later.get('last')).toMatchObject({ payload: 'last' });
	expect(isSound()).toBe(true);
}

const lostWords = /The task store .*tasks\.sqlite was deleted or replaced while n8n ran\. What it held is lost/;
const lost = { kind: 'loss', words: expect.stringMatching(lostWords) };

describe('the file of the embedded store, deleted while n8n runs', () => {
	it.each([
		['alone', () => remove('')],
		['with its log and index', () => remove(...endings)],
		['with its folder', () => rmSync(dirname(file), { recursive: true })],
		['by moving its folder away', () => renameSync(dirname(file), `${dirname(file)}.old`)],
	])('%s: it is noticed at the next call, said once, and the store goes on in a new file', async (_, away) => {
		away();
		expect(await store.get('before')).toBeUndefined();
		expect(notices).toEqual([lost]);
		expect(notices[0]?.words).toMatch(/goes on with a new file\.$/);
		await expectNothingLostFromNowOn();
		expect(notices).toHaveLength(1);
	});

	it.each([
		[
			'a claim',
			async () =>
				expect(await store.claim({ identity: identityOf('before'), owner: 'me', leaseMs: hour })).toMatchObject({
					kind: 'acquired',
				}),
		],
		['a note', async () => await store.note(identityOf('noted'), { kind: 'answered', ...answer('text') })],
		['lines of the ledger', async () => await store.addToLedger([taskLine()])],
		['a decision', async () => expect(await store.decide('before', decision(), null)).toEqual({ kind: 'unknown' })],
		['a list', async () => expect(await store.list({ states: [], limit: 10 })).toEqual({ records: [] })],
		['a tally', async () => expect(await store.tally({ from: 0, to: Number.MAX_SAFE_INTEGER })).toEqual([])],
		['a pruning', async () => expect(await store.prune()).toBe(0)],
	])('is noticed by %s, which happens in the new file', async (_, work) => {
		remove(...endings);
		await work();
		expect(notices).toEqual([lost]);
		expect(existsSync(file)).toBe(true);
		await expectNothingLostFromNowOn();
	});

	it('loses no write of those that share a commit with the one that notices', async () => {
		const keys = Array.from({ length: 50 }, (_, index) => `k${index}`);
		const writes = keys.map(
			async (key) => await store.note(identityOf(key), { kind: 'answered', ...answer('text', day, [taskLine()]) }),
		);
		remove(...endings);
		await Promise.all(writes);
		await store.close();
		const later = open();
		expect((await later.list({ states: ['answered'], limit: 100 })).records).toHaveLength(50);
		expect(await linesOf(later, 'task')).toBe(50);
		expect(notices).toEqual([lost]);
	});

	it('again and again is noticed each time', async () => {
		for (let round = 1; round <= 5; round++) {
			remove(...endings);
			await expectToWork(store, `round ${round}`);
			expect(notices).toHaveLength(round);
		}
	});

	it('while nothing can be made in its place fails with words, and goes on when it can', async () => {
		rmSync(dirname(file), { recursive: true });
		writeFileSync(dirname(file), '');
		expect(await reasonOf(() => store.get('before'))).toMatch(
			'a part of its path is a file, not a folder. Move that file away.',
		);
		rmSync(dirname(file));
		await expectToWork(store);
		expect(notices).toEqual([lost]);
	});

	it('is opened anew once, however much work was under way', async () => {
		remove(...endings);
		await Promise.all(Array.from({ length: 50 }, async (_, index) => await expectToWork(store, `k${index}`)));
		expect(notices).toEqual([lost]);
		if (process.platform !== 'linux') return;
		const descriptors = readdirSync('/proc/self/fd').map((name) => tried(() => readlinkSync(`/proc/self/fd/${name}`)));
		expect(descriptors.filter((target) => 'value' in target && target.value === file)).toHaveLength(1);
	});

	it.each(['deleted', 'replaced'] as const)(
		'and %s alone, while another process has it open with log and index, troubles no newcomer',
		async (how) => {
			const other = startChild('mover.ts', file, join(dirname(file), 'nothing', 'former'));
			await messageFrom(other);
			other.send('go');
			await messageFrom(other);
			if (how === 'deleted') {
				rmSync(file);
			} else {
				const copy = join(dirname(file), 'copy');
				const empty = open(copy);
				await empty.get('a');
				await empty.close();
				renameSync(copy, file);
				// Who opens a replaced file before those who have the old one open have noticed it cannot tell whose log it is.
				await store.get('a');
			}
			await expectToWork(open(), 'opened for the first time');
			await expectToWork(store, 'opened before');
			const found = messageFrom<{ records: number }>(other);
			other.send('go');
			expect((await found).records).toBe(2);
			other.disconnect();
			expect(isSound()).toBe(true);
		},
	);

	it('leaves those who have it open as well to find out for themselves', async () => {
		const other = open();
		await other.get('before');
		remove('');
		await expectToWork(store, 'one');
		await expectToWork(other, 'other');
		expect(await store.get('other')).toMatchObject({ state: 'answered' });
		expect(notices).toEqual([lost, lost]);
		expect(isSound()).toBe(true);
	});
});

describe('the file of the embedded store, replaced while n8n runs', () => {
	it('by an older copy: the store goes on with that, and not with a mixture', async () => {
		const backup = join(dirname(file), 'backup');
		const database = new DatabaseSync(file);
		database.prepare('VACUUM INTO ?').run(backup);
		database.close();
		await store.complete(await claimed(store, 'after the backup'), answer('text', day, [taskLine()]));
		renameSync(backup, file);
		expect(await linesOf(store, 'task')).toBe(1);
		expect(await store.get('after the backup')).toBeUndefined();
		expect(await store.get('before')).toMatchObject({ payload: 'kept' });
		expect(notices[0]?.words).toMatch(/goes on with the file that is there now\.$/);
		await expectNothingLostFromNowOn();
	});

	it('by something else: it is told what to do', async () => {
		writeFileSync(join(dirname(file), 'other'), 'something else'.repeat(1000));
		renameSync(join(dirname(file), 'other'), file);
		expect(await reasonOf(() => store.get('before'))).toMatch('is not a task store. Move that file away');
	});
});

describe('a file beside the database, deleted while n8n runs', () => {
	it.each([
		['the log', ['-wal']],
		['the index of the log', ['-shm']],
		['both', ['-wal', '-shm']],
	])('%s: nothing is lost, and it is said', async (_, gone) => {
		await store.complete(await claimed(store, 'only in the log'), answer('kept, too'));
		remove(...gone);
		expect(await store.get('before')).toMatchObject({ payload: 'kept' });
		expect(await store.get('only in the log')).toMatchObject({ payload: 'kept, too' });
		expect(notices).toEqual([
			{ kind: 'warning', words: expect.stringMatching('was deleted or replaced while n8n ran. Nothing was lost.') },
		]);
		await expectNothingLostFromNowOn();
	});

	it('the log, while somebody else has the database open as well: nothing is lost either', async () => {
		const other = open();
		await store.complete(await claimed(store, 'only in the log'), answer('kept, too'));
		await other.get('only in the log');
		remove('-wal');
		expect(await store.get('only in the log')).toMatchObject({ payload: 'kept, too' });
		expect(await other.get('only in the log')).toMatchObject({ payload: 'kept, too' });
		await expectNothingLostFromNowOn();
		expect(await other.get('last')).toMatchObject({ payload: 'last' });
	});

	it('the log, replaced by that of a copy: it is said that something may be lost', async () => {
		copyFileSync(`${file}-wal`, `${file}-other`);
		renameSync(`${file}-other`, `${file}-wal`);
		await store.get('before');
		expect(notices).toEqual([{ kind: 'loss', words: expect.stringContaining('The log of the task store') }]);
		await expectNothingLostFromNowOn();
	});
});

describe('several processes that share a file which is deleted again and again', () => {
	it('store everything that they begin after it in the file that is there then', async () => {
		const [processes, deletions] = [3, 6];
		const logs = Array.from({ length: processes }, (_, index) => join(dirname(file), '..', `log ${index}`));
		const children = logs.map((log) => startChild('noter.ts', { kind: 'embedded', file }, log));
		await Promise.all(children.map(async (child) => await messageFrom(child)));
		const lines = () => logs.flatMap((log) => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []));
		const noted = () =>
			lines()
				.filter((line) => line !== '')
				.map((line) => JSON.parse(line) as { key: string; begunAt: number; ended: string });
		const busy = async (more: number) => {
			const before = lines().length;
			while (lines().length < before + more) await new Promise((resolve) => setTimeout(resolve, 5));
		};
		const makeEmptyStore = async (round: number) => {
			const at = join(dirname(file), '..', `empty ${round}`);
			const empty = open(at);
			await empty.get('a');
			await empty.close();
			return at;
		};
		let emptyStore = await makeEmptyStore(-1);
		let deletedAt = 0;
		for (let round = 0; round < deletions; round++) {
			await busy(150);
			if (round % 3 === 0) rmSync(file);
			else if (round % 3 === 1) for (const ending of endings) rmSync(`${file}${ending}`, { force: true });
			else renameSync(emptyStore, file);
			deletedAt = Date.now();
			emptyStore = await makeEmptyStore(round);
		}
		await busy(150);
		await Promise.all(
			children.map(async (child) => {
				const ended = once(child, 'exit');
				child.send('stop');
				await ended;
			}),
		);
		expect(noted().filter(({ ended }) => ended !== 'stored')).toEqual([]);
		expect(isSound()).toBe(true);
		const later = open();
		const begunAfter = noted().filter(({ begunAt }) => begunAt > deletedAt);
		expect(begunAfter.length).toBeGreaterThan(100);
		const found = await Promise.all(begunAfter.map(async ({ key }) => await later.get(key)));
		expect(begunAfter.filter((_, index) => found[index] === undefined)).toEqual([]);
	}, 120_000);
});

describe('a task that runs while the file is deleted', () => {
	it.each([true, false])('is stored in the new file, and its item says what was lost (once: %s)', async (isOnce) => {
		const log: string[] = [];
		const line = (level: string) => (text: string) => void log.push(`${level} ${text}`);
		const storeNotices = createStoreNotices({ info: line('info'), warn: line('warn'), error: line('error') });
		const tasks = createEmbeddedTaskStore({ file, tell: storeNotices.tell });
		opened.push(tasks);
		const task: RememberedTask = {
			identity: identityOf('k'),
			parameters: {
				id: 'k',
				memory: { kind: 'store', store: 'embedded', once: isOnce },
				resultTtlMs: hour,
				reviewDueMs: null,
			},
			content: conversationOf({ prompt: 'Hi', systemMessage: '', attachments: [], output: { kind: 'text' } }),
			steps: [],
			context: {},
			includeInput: true,
			whenAllFail: 'review',
			startedAt: systemClock.now(),
			deadline: systemClock.now() + 10_000,
			cancel: new AbortController().signal,
			firstStepPrice: () => null,
			clock: systemClock,
			async run() {
				await tasks.get('opened');
				remove(...endings);
				return answered('paid for');
			},
		};
		mkdirSync(dirname(file), { recursive: true });
		const { end, warnings } = await runRemembered(task, {
			tasks,
			owed: createOwedWrites(systemClock),
			notices: storeNotices,
		});
		const anew = isOnce ? [expect.stringContaining('the result was stored anew')] : [];
		expect([end.kind, warnings]).toEqual(['answered', [...anew, expect.stringMatching(lostWords)]]);
		expect(log).toEqual([
			expect.stringMatching(/^error resilient-llm task-store-notice notice="The task store .* was deleted or replaced/),
		]);
		expect(await tasks.get('k')).toMatchObject({ state: 'answered' });
	});
});
