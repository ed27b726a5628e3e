/** What a committed write survives: waiting for the disk's word that it is safe takes most of a write's time. */
export type Survives = 'process end' | 'power cut';

/** The parts of a database that transactions need; `execute` runs a statement without a result, at once. */
export interface Transactional {
	begin(survives: Survives): void;
	execute(statement: string): void;
	readonly isTransaction: boolean;
	/** Called after each commit, before anybody hears of it. What it throws fails all work of that commit. */
	committed(): void;
}

export interface GroupCommit {
	/**
	 * Runs the work within the next transaction. Settles when that is committed; work that throws undoes only its own
	 * changes.
	 */
	write<T>(work: () => T, survives: Survives): Promise<T>;
	/** Commits now what is waiting. */
	flush(): void;
}

interface Waiting {
	readonly survives: Survives;
	/** Undoable, and may therefore be run again. */
	run(): void;
	succeed(): void;
	fail(error: unknown): void;
}

/**
 * Writes that arrive in the same turn of the event loop share one transaction, for what takes long is not a write but
 * the disk's word that it is safe. All work runs in the order in which it came.
 */
export function createGroupCommit(database: Transactional): GroupCommit {
	let waiting: Waiting[] = [];

	return {
		write: async <T>(work: () => T, survives: Survives) =>
			await new Promise<T>((resolve, reject) => {
				let result: T;
				if (waiting.length === 0) setImmediate(flush);
				waiting.push({
					survives,
					run: () => {
						result = work();
					},
					succeed: () => resolve(result),
					fail: reject,
				});
			}),
		flush,
	};

	function flush(): void {
		const group = waiting;
		waiting = [];
		if (group.length === 1) return group.forEach(commitAlone);
		if (group.length > 1 && commitTogether(group) === 'undone') group.forEach(commitAlone);
	}

	function commitAlone(one: Waiting): void {
		try {
			inTransaction(() => one.run(), one.survives);
		} catch (error) {
			return one.fail(error);
		}
		one.succeed();
	}

	/**
	 * `undone`: the database itself gave up the transaction because of one of them, as it does when the disk is full.
	 * Nothing was settled.
	 */
	function commitTogether(group: readonly Waiting[]): 'settled' | 'undone' {
		const failures = new Map<Waiting, unknown>();
		try {
			inTransaction(() => {
				for (const one of group) {
					const failure = runWithin(one);
					if (failure !== undefined) failures.set(one, failure.error);
					if (!database.isTransaction) throw new GroupUndone();
				}
			}, strongest(group));
		} catch (error) {
			if (error instanceof GroupUndone) return 'undone';
			for (const one of group) one.fail(failures.get(one) ?? error);
			return 'settled';
		}
		for (const one of group) {
			if (failures.has(one)) one.fail(failures.get(one));
			else one.succeed();
		}
		return 'settled';
	}

	function runWithin(one: Waiting): { readonly error: unknown } | undefined {
		database.execute('SAVEPOINT one_of_many');
		try {
			one.run();
		} catch (error) {
			if (database.isTransaction) {
				database.execute('ROLLBACK TO one_of_many');
				database.execute('RELEASE one_of_many');
			}
			return { error };
		}
		database.execute('RELEASE one_of_many');
		return undefined;
	}

	function inTransaction(work: () => void, survives: Survives): void {
		database.begin(survives);
		try {
			work();
			database.execute('COMMIT');
			database.committed();
		} finally {
			if (database.isTransaction) database.execute('ROLLBACK');
		}
	}
}

function strongest(group: readonly Waiting[]): Survives {
	return group.some(({ survives }) => survives === 'power cut') ? 'power cut' : 'process end';
}

class GroupUndone extends Error {}
