import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Starts a program of this folder in a process of its own. */
export function startChild(program: string, ...parameters: readonly unknown[]): ChildProcess {
	return fork(join(import.meta.dirname, program), parameters.map((parameter) => JSON.stringify(parameter)), {
		execArgv: ['--import', join(import.meta.dirname, 'run-typescript.mjs')],
		// Starts in a quarter of the time.
		env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'resilient-llm-compile-cache') },
	});
}

export async function messageFrom<T>(child: ChildProcess): Promise<T> {
	const ended = new AbortController();
	const [message] = (await Promise.race([
		once(child, 'message', { signal: ended.signal }),
		once(child, 'exit', { signal: ended.signal }).then(([code, signal]) => {
			throw new Error(`The child process ended with ${code ?? signal}`);
		}),
	]).finally(() => ended.abort())) as [T];
	return message;
}
