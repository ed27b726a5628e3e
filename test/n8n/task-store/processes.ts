import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment, N8nInstance } from '../server/n8n-instance.ts';
import { setUpOwner } from '../server/version-differences.ts';

/** A worker of an n8n in queue mode, once it takes work: as many executions at a time as n8n gives it by default. */
export async function startWorker(n8n: N8nInstance, environment: Environment): Promise<ChildProcess> {
	const worker = await n8n.launch(['worker', '--concurrency=10'], environment);
	await outputOf(worker, 'n8n worker is now ready');
	return worker;
}

/**
 * What tells a worker that it runs on another machine than the server: a user folder of its own, with the package in
 * it. Workers that share one share its event log, and one that starts takes the other's executions for crashed.
 */
export async function machine(serverFolder: string, name: string): Promise<Environment> {
	const userFolder = join(serverFolder, name);
	await mkdir(join(userFolder, '.n8n'), { recursive: true });
	await symlink(join(serverFolder, '.n8n', 'nodes'), join(userFolder, '.n8n', 'nodes'));
	return { N8N_USER_FOLDER: userFolder, HOME: userFolder };
}

/** The server of an n8n, once its webhooks can be asked for. */
export async function startServer(n8n: N8nInstance, environment: Environment = {}): Promise<ChildProcess> {
	const server = await n8n.launch(['start'], environment);
	await outputOf(server, 'Editor is now accessible');
	await setUpOwner(n8n.version, n8n.url);
	return server;
}

/**
 * What a service manager does with a server that was killed. An execution that was killed before its first node makes
 * n8n 2.41 end once more, while it recovers; it leaves out the recovery when it is started again.
 */
export async function startServerAgain(n8n: N8nInstance): Promise<ChildProcess> {
	return await startServer(n8n).catch(async () => await startServer(n8n));
}

/** What a power cut or the kernel out of memory does: nobody in the group gets to say another word. */
export async function kill(child: ChildProcess): Promise<void> {
	if (child.pid === undefined) throw new Error('It never ran');
	const ended = once(child, 'exit');
	process.kill(-child.pid, 'SIGKILL');
	await ended;
}

/** Waits for something that is about to happen. */
export async function until(what: string, happened: () => boolean, withinMs = 180_000): Promise<void> {
	const startedAt = Date.now();
	while (!happened()) {
		if (Date.now() - startedAt > withinMs) throw new Error(`Not within ${withinMs / 1000} s: ${what}`);
		await sleep(20);
	}
}

async function outputOf(child: ChildProcess, text: string): Promise<void> {
	let output = '';
	await new Promise<void>((resolve, reject) => {
		child.stdout?.on('data', (chunk: Buffer) => {
			output += chunk.toString();
			if (output.includes(text)) resolve();
		});
		child.once('exit', () => reject(new Error(`n8n ended while it started:\n${output.slice(-3000)}`)));
	});
}
