import { mkdir, rm, stat, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeOnExit } from './remove-on-exit.ts';

const heartbeatMs = 5_000;
const staleAfterMs = 30_000;
const pollMs = 1_000;

/**
 * Runs `work` while no other process on this machine does the same under `lockFolder`.
 * The owner keeps touching the folder, so a lock left behind by a killed process is recognised by its age.
 */
export async function withFolderLock<T>(lockFolder: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
	await mkdir(dirname(lockFolder), { recursive: true });
	let waiting = false;
	while (!(await tryToCreate(lockFolder))) {
		if (!waiting) onWait();
		waiting = true;
		await sleep(pollMs);
	}
	const unlock = removeOnExit(lockFolder);
	const heartbeat = setInterval(() => {
		const now = new Date();
		utimes(lockFolder, now, now).catch(() => undefined);
	}, heartbeatMs);
	try {
		return await work();
	} finally {
		clearInterval(heartbeat);
		await unlock();
	}
}

async function tryToCreate(lockFolder: string): Promise<boolean> {
	try {
		await mkdir(lockFolder);
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
	}
	const touchedAt = (await stat(lockFolder).catch(() => undefined))?.mtimeMs;
	if (touchedAt !== undefined && Date.now() - touchedAt > staleAfterMs) {
		await rm(lockFolder, { recursive: true, force: true });
	}
	return false;
}
