import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

const running = new Set<ChildProcess>();
const politeMs = 10_000;

// The last resort: whatever way this process ends, nothing it started outlives it.
process.on('exit', () => {
	for (const child of running) signalGroup(child, 'SIGKILL');
});

/** `child` must lead its own process group (`detached`). Returns how to let go of it. */
export function endWithThisProcess(child: ChildProcess): () => void {
	running.add(child);
	const release = () => void running.delete(child);
	child.once('exit', () => {
		// Its own children may have been left behind.
		signalGroup(child, 'SIGKILL');
		release();
	});
	return release;
}

/** Asks the whole group to end, and ends it when it does not. */
export async function endGroup(child: ChildProcess): Promise<void> {
	if (!hasEnded(child)) {
		const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
		signalGroup(child, 'SIGTERM');
		await Promise.race([ended, sleep(politeMs, undefined, { ref: false })]);
	}
	signalGroup(child, 'SIGKILL');
	running.delete(child);
}

/** The same for everything this process started. */
export async function endAllGroups(): Promise<void> {
	await Promise.all([...running].map(endGroup));
}

function hasEnded(child: ChildProcess): boolean {
	return child.exitCode !== null || child.signalCode !== null;
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
	if (child.pid === undefined) return;
	try {
		process.kill(-child.pid, signal);
	} catch {
		// The group is gone already.
	}
}
