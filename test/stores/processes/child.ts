import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const loader = ['--import', join(import.meta.dirname, 'run-typescript.mjs')];
const programPath = (program: string) => join(import.meta.dirname, program);
const asText = (parameters: readonly unknown[]) => parameters.map((parameter) => JSON.stringify(parameter));

/** What follows `node` to run a program of this folder. */
export function programArguments(program: string, ...parameters: readonly unknown[]): string[] {
	return [...loader, programPath(program), ...asText(parameters)];
}

/** Starts a program of this folder in a process that can be talked to. */
export function startChild(program: string, ...parameters: readonly unknown[]): ChildProcess {
	return fork(programPath(program), asText(parameters), {
		execArgv: loader,
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
