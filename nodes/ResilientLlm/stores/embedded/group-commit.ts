/**
 * What a committed write survives: the end of the process, or also a power cut. The latter needs an fsync, which takes
 * most of the time of a write.
 */
export type Survives = 'process end' | 'power cut';

/** What this needs from a database. `execute` runs a statement without a result, synchronously. */
export interface Transactional {
	begin(survives: Survives): void;
	execute(statement: string): void;
	readonly isTransaction: boolean;
	/** Called after each commit, before its writes resolve. If it throws, all writes of that commit reject. */
	committed(): void;
}

export interface GroupCommit {
	/**
	 * Runs the work in the next transaction. Settles when that is committed. If the work throws, only its own changes are
	 * rolled back and only its promise rejects. The work must be repeatable: it may run twice.
	 */
	write<T>(work: () => T, survives: Survives): Promise<T>;
	/** Commits the waiting writes now. */
	flush(): void;
}

interface Waiting {
	readonly survives: Survives;
	/** May be called again after its changes were rolled back. */
	run(): void;
	succeed(): void;
	fail(error: unknown): void;
}

/**
 * Group commit: writes that arrive in the same turn of the event loop share one transaction, because the fsync of a
 * commit takes far longer than the writes. They run in the order in which they arrived.
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
	 * `undone`: SQLite itself rolled the whole transaction back because of one of the writes, as it does when the disk is
	 * full. No promise was settled; each write has to be tried alone.
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
