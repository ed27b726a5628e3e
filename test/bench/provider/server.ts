import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { anthropicMessage, chatCompletion, errorBody } from './answer.ts';
import { TokenBucket } from './behaviour.ts';

/**
 * The simulated provider, a program of its own so that its work is nobody's CPU time but its own. Prints its port.
 * `/<behaviour>/<lane>/…` answers as the behaviour says; `/journal/<lane>` tells what came in on that lane.
 */
interface Lane {
	/** Requests by status; 0 for one that was never answered. */
	readonly counts: Record<string, number>;
	/** When each request came and what it got, in ms of this process's own clock. */
	readonly entries: [number, number][];
	readonly bucket?: TokenBucket;
}

const maxEntries = 20_000;
const lanes = new Map<string, Lane>();

const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
	const [, behaviour = '', name = '', ...rest] = (request.url ?? '').split('/');
	if (behaviour === 'journal') return void sendJournal(name, response);
	request.on('error', () => undefined);
	// The answer may leave before the request has come in, so wait for its end as a real provider does.
	request.resume().on('end', () => void answer(behaviour, name, rest.join('/'), response));
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
// Whoever started this is gone.
process.stdin.resume().on('end', () => process.exit(0));

async function answer(behaviour: string, name: string, path: string, response: ServerResponse): Promise<void> {
	const [kind, value] = behaviour.split('-');
	const number = Number(value ?? 0);
	const lane = laneOf(`${behaviour}/${name}`, kind === 'bucket' ? number : undefined);
	const now = performance.now();
	if (kind === 'hang') return void note(lane, now, 0);
	if (kind === 'status')
		return send(response, note(lane, now, number), errorBody(number), number === 429 ? { 'retry-after': '1' } : {});
	const waitSeconds = lane.bucket?.take(now) ?? 0;
	if (lane.bucket !== undefined && waitSeconds > 0)
		return send(response, note(lane, now, 429), errorBody(429), limitHeaders(lane.bucket, waitSeconds));
	note(lane, now, 200);
	if (kind === 'answer' && number > 0) await sleep(number);
	if (response.destroyed) return;
	send(response, 200, path.endsWith('messages') ? anthropicMessage : chatCompletion);
}

function laneOf(key: string, perSecond: number | undefined): Lane {
	const known = lanes.get(key);
	if (known !== undefined) return known;
	const lane: Lane = {
		counts: {},
		entries: [],
		...(perSecond !== undefined && { bucket: new TokenBucket(perSecond) }),
	};
	lanes.set(key, lane);
	return lane;
}

function note(lane: Lane, now: number, status: number): number {
	lane.counts[status] = (lane.counts[status] ?? 0) + 1;
	if (lane.entries.length < maxEntries) lane.entries.push([now, status]);
	return status;
}

/** As OpenAI words them. Retry-After has whole seconds. */
function limitHeaders({ perSecond }: TokenBucket, waitSeconds: number): Record<string, string> {
	return {
		'retry-after': String(Math.ceil(waitSeconds)),
		'x-ratelimit-limit-requests': String(perSecond),
		'x-ratelimit-remaining-requests': '0',
		'x-ratelimit-reset-requests': `${Math.ceil(waitSeconds * 1000)}ms`,
	};
}

function send(
	response: ServerResponse,
	status: number,
	body: Buffer,
	headers: Readonly<Record<string, string>> = {},
): void {
	response.writeHead(status, {
		'content-type': 'application/json',
		'content-length': body.length,
		'x-request-id': 'req_bench',
		...headers,
	});
	response.end(body);
}

/** All lanes of this name together, whatever their behaviour. */
function sendJournal(name: string, response: ServerResponse): void {
	const found = [...lanes].filter(([key]) => key.split('/')[1] === name).map(([, lane]) => lane);
	const counts: Record<string, number> = {};
	for (const lane of found)
		for (const [status, count] of Object.entries(lane.counts)) counts[status] = (counts[status] ?? 0) + count;
	send(response, 200, Buffer.from(JSON.stringify({ counts, entries: found.flatMap(({ entries }) => entries) })));
}
