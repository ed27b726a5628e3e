import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';

import type { SchemaJob, SchemaNews } from './schema-thread';

/** What came of one job: what is wrong with the value, why the schema is none, or why nobody found out. */
export type SchemaReport =
	Extract<SchemaNews, { kind: 'checked' | 'invalid' }> | { readonly kind: 'gaveUp'; readonly why: string };

export interface SchemaChecks {
	/** Compiles a schema, unless the thread knows it, and holds a value against it, if there is one. Never rejects. */
	run(job: SchemaJob, cancel?: AbortSignal): Promise<SchemaReport>;
}

export interface CheckLimits {
	readonly compileMs: number;
	readonly checkMs: number;
}

/** On a slow machine, a schema of 1,000 properties compiles in 2 s, and an answer of 1 MB is checked in 0.1 s. */
const defaultLimits: CheckLimits = { compileMs: 10_000, checkMs: 2_000 };

/**
 * Time is counted in ticks, so that a process which was stopped, or a machine that slept, has spent one tick on that
 * and not the whole limit.
 */
const tickMs = 100;

/** Letters of a pattern that are told when it takes too long. */
const longestPattern = 120;

const cancelled: SchemaReport = { kind: 'gaveUp', why: 'the execution was cancelled' };

interface Thread {
	readonly worker: Worker;
	readonly searched: Uint16Array;
}

interface WaitingJob {
	readonly job: SchemaJob;
	readonly cancel: AbortSignal | undefined;
	readonly settle: (report: SchemaReport) => void;
}

/**
 * Compiles schemas and checks values in a thread of its own, one job at a time. Compiling a large schema blocks for
 * seconds, and a pattern such as `^(\w+\s?)*$` for hours; here that ends the thread and the job, and nothing else.
 * Schemas take turns, so that one whose checks are slow holds up its own answers only. The thread starts with the first
 * job and lasts as long as the process.
 */
export function createSchemaChecks(limits: CheckLimits = defaultLimits): SchemaChecks {
	const waiting = new Map<string, WaitingJob[]>();
	let thread: Thread | undefined;
	let isBusy = false;

	return {
		async run(job, cancel) {
			let stop = () => {};
			const report = await new Promise<SchemaReport>((settle) => {
				stop = () => settle(cancelled);
				cancel?.addEventListener('abort', stop);
				const queue = waiting.get(job.schema) ?? [];
				queue.push({ job, cancel, settle });
				waiting.set(job.schema, queue);
				void workOff();
			});
			cancel?.removeEventListener('abort', stop);
			return report;
		},
	};

	async function workOff(): Promise<void> {
		if (isBusy) return;
		isBusy = true;
		for (let [next] = waiting; next !== undefined; [next] = waiting) {
			const [schema, queue] = next;
			const first = queue.shift();
			if (first !== undefined) first.settle(first.cancel?.aborted === true ? cancelled : await report(first.job));
			// A schema that has had its turn goes to the end of the row.
			waiting.delete(schema);
			if (queue.length > 0) waiting.set(schema, queue);
		}
		isBusy = false;
	}

	async function report(job: SchemaJob): Promise<SchemaReport> {
		try {
			const mine = (thread ??= startThread());
			const result = await runIn(mine, job, limits);
			if (result.kind === 'gaveUp') end(mine);
			return result;
		} catch (error) {
			const cause = error instanceof Error ? error.message : 'unknown cause';
			return { kind: 'gaveUp', why: `no thread can be started: ${cause}` };
		}
	}

	function end(ended: Thread): void {
		if (thread === ended) thread = undefined;
		void ended.worker.terminate();
	}
}

function startThread(): Thread {
	const searched = new Uint16Array(new SharedArrayBuffer((1 + longestPattern) * Uint16Array.BYTES_PER_ELEMENT));
	const worker = new Worker(join(__dirname, `schema-thread${extname(__filename)}`), {
		workerData: searched,
		// Nothing that n8n was started with, neither its options nor its secrets, is needed there.
		execArgv: [],
		env: {},
	});
	// An error that nobody listens to would end n8n, and an ended thread may say more than one.
	worker.on('error', () => undefined);
	return { worker, searched };
}

async function runIn({ worker, searched }: Thread, job: SchemaJob, limits: CheckLimits): Promise<SchemaReport> {
	worker.ref();
	return await new Promise((resolve) => {
		let limitMs = limits.compileMs;
		let spentMs = 0;
		const timer = setInterval(() => {
			spentMs += tickMs;
			if (spentMs >= limitMs)
				end({ kind: 'gaveUp', why: `it takes longer than ${limitMs / 1000} s${patternIn(searched)}` });
		}, tickMs);
		const listen = (news: SchemaNews) => {
			if (news.kind !== 'checking') return end(news);
			limitMs = limits.checkMs;
			spentMs = 0;
		};
		const fail = (error: Error) => end({ kind: 'gaveUp', why: `its thread failed: ${error.message}` });
		const vanish = () => end({ kind: 'gaveUp', why: 'its thread ended' });
		worker.on('message', listen).on('error', fail).on('exit', vanish);
		worker.postMessage(job);

		function end(report: SchemaReport): void {
			clearInterval(timer);
			worker.off('message', listen).off('error', fail).off('exit', vanish);
			// An idle thread must not keep the process alive.
			worker.unref();
			resolve(report);
		}
	});
}

function patternIn(searched: Uint16Array): string {
	const [length = 0] = searched;
	return length === 0 ? '' : ` because of the pattern "${String.fromCharCode(...searched.subarray(1, 1 + length))}"`;
}
