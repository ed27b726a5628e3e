import { fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ServedRequest {
	readonly path: string;
	/** When the reply began, as `sinceBootMs` counts. */
	readonly at: number;
}

export interface FaultProcess {
	readonly url: string;
	/** Every request so far, in order. */
	journal(): Promise<readonly ServedRequest[]>;
	close(): Promise<void>;
}

/** A clock that all processes of a machine share. */
export function sinceBootMs(): number {
	return Number(process.hrtime.bigint()) / 1e6;
}

/** Serves the `behaviours` of a module of this folder in another process. */
export async function startFaultProcess(module: string, parameters: unknown): Promise<FaultProcess> {
	const child = fork(join(import.meta.dirname, 'fault-process.ts'), [module, JSON.stringify(parameters)], {
		execArgv: ['--import', join(import.meta.dirname, '../stores/processes/run-typescript.mjs')],
		env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'resilient-llm-compile-cache') },
	});
	const ended = once(child, 'exit');

	const { url } = await hear<{ readonly url: string }>();
	return {
		url,
		journal: async () => {
			const answer = hear<{ readonly journal: readonly ServedRequest[] }>();
			child.send('journal');
			return (await answer).journal;
		},
		close: async () => {
			child.disconnect();
			await ended;
		},
	};

	async function hear<T>(): Promise<T> {
		const death = ended.then(([code, signal]) => {
			throw new Error(`The fault process ended with ${String(code ?? signal)}`);
		});
		const [message] = (await Promise.race([once(child, 'message'), death])) as [T];
		return message;
	}
}
