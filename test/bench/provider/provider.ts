import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { endGroup, endWithThisProcess } from '../../n8n/server/process-group.ts';
import type { Behaviour } from './behaviour.ts';

export interface Journal {
	/** Requests by the status they got; 0 for one that hangs. */
	readonly counts: Readonly<Record<string, number>>;
	/** [ms of the provider's clock, status] of each request, in the order they came. */
	readonly entries: readonly (readonly [number, number])[];
}

/** The simulated provider, running in a process of its own. */
export interface Provider {
	/**
	 * The base URL of a provider that behaves like this, `/v1` included. `lane` keeps its journal, and its circuit,
	 * apart.
	 */
	baseUrl(behaviour: Behaviour, lane: string): string;
	journal(lane: string): Promise<Journal>;
	stop(): Promise<void>;
}

export async function startProvider(): Promise<Provider> {
	const child = spawn(process.execPath, [join(import.meta.dirname, 'server.ts')], {
		stdio: ['pipe', 'pipe', 'inherit'],
		detached: true,
	});
	endWithThisProcess(child);
	const port = await new Promise<number>((resolve, reject) => {
		child.stdout.once('data', (line: Buffer) => resolve(Number(line.toString())));
		child.once('exit', (code) => reject(new Error(`The simulated provider ended with ${String(code)}`)));
	});
	return providerAt(`http://127.0.0.1:${port}`, async () => await endGroup(child));
}

/** The provider that another process of the bench has started. */
export function providerAt(origin: string, stop: () => Promise<void> = async () => undefined): Provider {
	return {
		baseUrl: (behaviour, lane) => `${origin}/${behaviour}/${lane}/v1`,
		journal: async (lane) => (await (await fetch(`${origin}/journal/${lane}`)).json()) as Journal,
		stop,
	};
}

/** Base URLs where nobody listens. */
export async function refusingBaseUrl(): Promise<(lane: string) => string> {
	const server = createServer().listen(0, '127.0.0.1');
	await new Promise((resolve) => void server.once('listening', resolve));
	const address = server.address();
	await new Promise((resolve) => void server.close(resolve));
	if (address === null || typeof address === 'string') throw new Error('No free port');
	return (lane) => `http://127.0.0.1:${address.port}/${lane}/v1`;
}
