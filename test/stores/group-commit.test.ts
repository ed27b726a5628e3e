import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';

import { beforeEach, describe, expect, it } from 'vitest';

import {
	createGroupCommit,
	type GroupCommit,
	type Survives,
} from '../../nodes/ResilientLlm/stores/embedded/group-commit';

let database: DatabaseSync;
let executed: string[];
/** Makes a statement fail, as a lock or a disk would. */
let fails: (statement: string) => boolean;
let survived: Survives[];
/** Whether what is committed can be found by others. */
let found: boolean;
let group: GroupCommit;

beforeEach(() => {
	database = new DatabaseSync(':memory:');
	database.exec('CREATE TABLE numbers (number INTEGER PRIMARY KEY)');
	executed = [];
	fails = () => false;
	survived = [];
	found = true;
	group = createGroupCommit({
		begin(survives) {
			survived.push(survives);
			this.execute('BEGIN IMMEDIATE');
		},
		execute(statement) {
			executed.push(statement);
			if (fails(statement)) throw new Error(`${statement} failed`);
			database.exec(statement);
		},
		get isTransaction() {
			return database.isTransaction;
		},
		committed() {
			if (!found) throw new Error('nobody will find it');
		},
	});
});

const insert = (number: number) => () => {
	database.prepare('INSERT INTO numbers VALUES (?)').run(number);
	return `${number} is in`;
};
/** A write that a power cut must not undo. */
const safely = async <T>(work: () => T) => await group.write(work, 'power cut');
const numbers = () =>
	database
		.prepare('SELECT number FROM numbers')
		.all()
		.map(({ number }) => number);
const commits = () => executed.filter((statement) => statement === 'COMMIT').length;
const outcomesOf = async (writes: readonly Promise<unknown>[]) =>
	(await Promise.allSettled(writes)).map((result) =>
		result.status === 'fulfilled' ? result.value : `failed: ${(result.reason as Error).message}`,
	);

it('survives what the most demanding of its writes asks for', async () => {
	await Promise.all([group.write(insert(1), 'process end'), group.write(insert(2), 'process end')]);
	await Promise.all([group.write(insert(3), 'process end'), safely(insert(4))]);
	expect(survived).toEqual(['process end', 'power cut']);
});

describe('writes of the same turn', () => {
	it('share one commit, and each gets its own result', async () => {
		expect(await Promise.all([1, 2, 3].map(async (number) => await safely(insert(number))))).toEqual([
			'1 is in',
			'2 is in',
			'3 is in',
		]);
		expect([numbers(), commits()]).toEqual([[1, 2, 3], 1]);
	});

	it('run in the order in which they came, and see each other', async () => {
		const count = () => numbers().length;
		expect(
			await Promise.all([safely(count), safely(insert(1)), safely(count), safely(insert(2)), safely(count)]),
		).toEqual([0, '1 is in', 1, '2 is in', 2]);
	});

	it('are not run before the turn is over, nor told done before the commit', async () => {
		const told: string[] = [];
		const write = safely(insert(1)).then(() => told.push(`told after ${commits()} commit`));
		expect(executed).toEqual([]);
		await write;
		expect(told).toEqual(['told after 1 commit']);
	});

	it('fail alone: the others are kept', async () => {
		const half = () => {
			insert(7)();
			throw new Error('half done');
		};
		expect(await outcomesOf([safely(insert(1)), safely(insert(1)), safely(half), safely(insert(2))])).toEqual([
			'1 is in',
			'failed: UNIQUE constraint failed: numbers.number',
			'failed: half done',
			'2 is in',
		]);
		expect([numbers(), commits()]).toEqual([[1, 2], 1]);
	});

	it('all fail when the commit fails, and leave nothing', async () => {
		fails = (statement) => statement === 'COMMIT';
		expect(await outcomesOf([safely(insert(1)), safely(insert(2))])).toEqual([
			'failed: COMMIT failed',
			'failed: COMMIT failed',
		]);
		expect([numbers(), database.isTransaction]).toEqual([[], false]);
		fails = () => false;
		expect(await safely(insert(1))).toBe('1 is in');
	});

	it('all fail when nobody will find what was committed', async () => {
		found = false;
		const lost = 'failed: nobody will find it';
		expect(await outcomesOf([safely(insert(1)), safely(insert(2))])).toEqual([lost, lost]);
		expect(await outcomesOf([safely(insert(3))])).toEqual([lost]);
		found = true;
		expect(await safely(insert(4))).toBe('4 is in');
	});

	it('all fail when the file is locked, after one wait for all of them', async () => {
		fails = (statement) => statement === 'BEGIN IMMEDIATE';
		expect(await outcomesOf([safely(insert(1)), safely(insert(2))])).toEqual([
			'failed: BEGIN IMMEDIATE failed',
			'failed: BEGIN IMMEDIATE failed',
		]);
		expect(executed).toEqual(['BEGIN IMMEDIATE']);
	});

	it('are tried one by one when the database gives up the whole transaction because of one', async () => {
		const tooLarge = () => {
			database.exec('ROLLBACK');
			throw new Error('the disk is full');
		};
		expect(await outcomesOf([safely(insert(1)), safely(tooLarge), safely(insert(2))])).toEqual([
			'1 is in',
			'failed: the disk is full',
			'2 is in',
		]);
		expect([numbers(), commits()]).toEqual([[1, 2], 2]);
	});
});

describe('a write of a later turn', () => {
	it('has a commit of its own', async () => {
		const first = safely(insert(1));
		await setImmediate();
		await Promise.all([first, safely(insert(2))]);
		expect([numbers(), commits()]).toEqual([[1, 2], 2]);
	});

	it('may come from one that was just told', async () => {
		expect(await safely(insert(1)).then(async () => await safely(insert(2)))).toBe('2 is in');
	});
});

it('commits at once what waits when it is asked to', async () => {
	const write = safely(insert(1));
	group.flush();
	expect([numbers(), commits()]).toEqual([[1], 1]);
	expect(await write).toBe('1 is in');
	await setImmediate();
	expect(executed).toHaveLength(2);
});
