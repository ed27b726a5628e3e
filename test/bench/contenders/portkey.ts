import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI from 'openai';
import { freePorts } from '../../n8n/server/free-ports.ts';
import { endGroup, endWithThisProcess } from '../../n8n/server/process-group.ts';
import type { Peers } from '../peers/install.ts';
import { key, maxOutputTokens, model, mustBeAnswer, type Contender } from './contender.ts';

/** More than it takes; it does not go further. */
const maxRetries = 5;
const startWithinMs = 30_000;
const pollMs = 100;

/** The Portkey gateway in a process of its own, called through OpenAI's SDK, told by a header what to try. */
export function portkey(peers: Peers): Contender {
	return {
		id: 'portkey',
		label: `Portkey gateway ${peers.versions['@portkey-ai/gateway']} (a process beside), openai SDK`,
		kind: 'peer',
		protocol: 'openAi',
		fallsBack: true,
		breaksCircuit: false,
		async open({ baseUrls, maxAttempts, timeoutMs }) {
			const gateway = await startGateway(peers);
			const retry =
				maxAttempts > 1
					? {
							retry: {
								attempts: Math.min(maxRetries, maxAttempts - 1),
								on_status_codes: [429, 500, 502, 503, 504, 529],
								use_retry_after_header: true,
							},
						}
					: {};
			const target = (baseUrl: string) => ({
				provider: 'openai',
				api_key: key,
				custom_host: baseUrl,
				request_timeout: timeoutMs,
				...retry,
			});
			const config = { strategy: { mode: 'fallback' }, targets: baseUrls.map(target) };
			const client = new OpenAI({
				apiKey: key,
				baseURL: `http://127.0.0.1:${gateway.port}/v1`,
				maxRetries: 0,
				defaultHeaders: { 'x-portkey-config': JSON.stringify(config) },
			});
			return {
				async call(prompt) {
					const reply = await client.chat.completions.create({
						model,
						max_completion_tokens: maxOutputTokens,
						messages: [{ role: 'user', content: prompt }],
					});
					mustBeAnswer(reply.choices[0]?.message.content);
				},
				outsideCpu: () => cpuOf(gateway.pid),
				close: gateway.stop,
			};
		},
	};
}

async function startGateway({
	folder,
}: Peers): Promise<{ readonly port: number; readonly pid: number; stop(): Promise<void> }> {
	const [port = 0] = await freePorts(1);
	const program = join(folder, 'node_modules', '@portkey-ai', 'gateway', 'build', 'start-server.js');
	const child = spawn(process.execPath, [program, `--port=${port}`, '--headless'], {
		env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production' },
		stdio: 'ignore',
		detached: true,
	});
	endWithThisProcess(child);
	const startedAt = Date.now();
	while (
		!(await fetch(`http://127.0.0.1:${port}/`).then(
			({ ok }) => ok,
			() => false,
		))
	) {
		if (child.exitCode !== null || Date.now() - startedAt > startWithinMs)
			throw new Error('The Portkey gateway does not start');
		await sleep(pollMs);
	}
	return { port, pid: child.pid ?? 0, stop: async () => await endGroup(child) };
}

/** User and system time of a process in µs, as Linux counts it; NaN elsewhere. */
function cpuOf(pid: number): number {
	try {
		const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1] ?? '';
		const fields = afterName.split(' ');
		// utime and stime, in clock ticks, of which Linux shows 100 a second.
		return (Number(fields[11]) + Number(fields[12])) * 10_000;
	} catch {
		return Number.NaN;
	}
}
