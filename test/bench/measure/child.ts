import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeOnExit } from '../../n8n/install/remove-on-exit.ts';
import { endGroup, endWithThisProcess } from '../../n8n/server/process-group.ts';

const program = join(import.meta.dirname, 'child.mjs');

/**
 * Runs the default export of a module of this folder's `measured/` in a fresh process, with an n8n folder of its own,
 * and gives what it returns. It is ended when it takes longer than `withinMs`; then the result is undefined.
 */
export async function inFreshProcess<T>(
	module: string,
	input: unknown,
	{ withinMs = 600_000, heapMb }: { readonly withinMs?: number; readonly heapMb?: number } = {},
): Promise<T | undefined> {
	const folder = await mkdtemp(join(tmpdir(), 'n8n-nodes-resilient-llm-bench-'));
	const removeFolder = removeOnExit(folder);
	const options = ['--expose-gc', ...(heapMb === undefined ? [] : [`--max-old-space-size=${heapMb}`])];
	const child = spawn(
		process.execPath,
		[...options, program, join(import.meta.dirname, 'measured', module), JSON.stringify(input)],
		{
			env: { ...process.env, N8N_USER_FOLDER: folder },
			stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
			detached: true,
		},
	);
	endWithThisProcess(child);
	const tooLong = setTimeout(() => void endGroup(child), withinMs);
	try {
		return await new Promise<T | undefined>((resolve, reject) => {
			child.once('message', (result) => resolve(result as T));
			child.once('exit', (code, signal) =>
				signal === null && code !== 0 ? reject(new Error(`${module} ended with ${String(code)}`)) : resolve(undefined),
			);
		});
	} finally {
		clearTimeout(tooLong);
		await endGroup(child);
		await removeFolder();
	}
}
