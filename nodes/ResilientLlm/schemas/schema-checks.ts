import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';

import type { SchemaJob, SchemaNews } from './schema-thread';

/**
 * The result of a job. `checked`: what is wrong with the value. `invalid`: why the schema is not valid. `gaveUp`: why
 * neither could be found out.
 */
export type SchemaReport =
	Extract<SchemaNews, { kind: 'checked' | 'invalid' }> | { readonly kind: 'gaveUp'; readonly why: string };

export interface SchemaChecks {
	/**
	 * Compiles a schema, unless the thread still has it in its cache, and validates a value against it, if there is one.
	 * Never rejects.
	 */
	run(job: SchemaJob, cancel?: AbortSignal): Promise<SchemaReport>;
}

export interface CheckLimits {
	readonly compileMs: number;
	readonly checkMs: number;
}

/**
 * Generous: on a slow machine a schema with 1,000 properties compiles in 2 s, and an answer of 1 MB is checked in 0.1
 * s.
 */
const defaultLimits: CheckLimits = { compileMs: 10_000, checkMs: 2_000 };

/**
 * Time is counted in timer ticks, in ms, not by the clock: if the process was stopped or the machine slept, that counts
 * as one tick and does not use up the whole limit.
 */
const tickMs = 100;

/** How many characters of a pattern are quoted in the message that it takes too long. */
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
 * Compiles schemas and validates values in a worker thread, one job at a time. Compiling a large schema can take
 * seconds, and a pattern such as `^(\w+\s?)*$` can take hours; a job that exceeds its limit is given up and its thread
 * is terminated, while n8n's event loop goes on. Schemas are served in turn (round robin), so that a slow one delays
 * its own jobs most. The thread starts with the first job and lives as long as the process.
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
			// A schema with further jobs goes to the end of the queue.
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
		// The thread needs neither the Node.js options that n8n was started with nor its environment variables, which may
		// hold secrets.
		execArgv: [],
		env: {},
	});
	// An `error` event without a listener would end n8n, and a thread can still emit one after `runIn` has removed its
	// own listener.
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
