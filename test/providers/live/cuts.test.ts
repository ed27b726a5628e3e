import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createResilientModel } from '../../../nodes/ResilientLlm/actions/chat-model/resilient-model';
import type { TurnAnswer, TurnQuestion } from '../../../nodes/ResilientLlm/actions/chat-model/turn';
import { runChain } from '../../../nodes/ResilientLlm/engine/chain';
import type { Outcome } from '../../../nodes/ResilientLlm/engine/outcome';
import type { Step } from '../../../nodes/ResilientLlm/engine/task';
import { systemClock } from '../../../nodes/ResilientLlm/host/clock';
import { seededRandom } from '../../chaos/seeded-random';
import { answer, portsOf, scriptedStep, taskOf } from '../../engine/scripted-step';
import { startStrictServer, type StrictServer } from '../../vendor-rules/strict-server';
import { plainSdk } from './plain-sdk';
import { liveVendors, type LiveVendor } from './live-vendors';

const text = 'The result is forty-two: six times seven, “as everybody knows”, and nothing else.';
const otherText = 'Another model says: 42.';

/** Sends the strict server's reply on, up to a place, and then ends the connection or just the body. */
interface Cut {
	readonly after: number;
	readonly how: 'reset' | 'end' | 'whole';
}

let strict: StrictServer;
let proxy: Server;
let cut: Cut;

beforeAll(async () => {
	strict = await startStrictServer();
	strict.answer(() => ({ text }));
	proxy = createServer((incoming, outgoing) => {
		void (async () => {
			const chunks: Buffer[] = [];
			for await (const chunk of incoming) chunks.push(chunk as Buffer);
			const headers = Object.entries(incoming.headers).flatMap(([name, value]) =>
				typeof value === 'string' && !['host', 'connection', 'content-length'].includes(name) ? [[name, value]] : [],
			) as [string, string][];
			const body = Buffer.concat(chunks);
			const reply = await fetch(strict.url + (incoming.url ?? ''), { method: 'POST', headers, body });
			await sendUntil(cut, outgoing, reply.headers.get('content-type') ?? '', Buffer.from(await reply.arrayBuffer()));
		})();
	});
	await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
	proxy.closeAllConnections();
	proxy.close();
	await strict.close();
});

async function sendUntil({ after, how }: Cut, outgoing: ServerResponse, type: string, body: Buffer): Promise<void> {
	outgoing.writeHead(200, { 'content-type': type });
	const end = how === 'whole' ? body.length : Math.floor(after * body.length);
	const middle = Math.floor(end / 2);
	outgoing.write(body.subarray(0, middle));
	await pause(1);
	outgoing.write(body.subarray(middle, end));
	await pause(1);
	if (how === 'reset') outgoing.destroy();
	else outgoing.end();
}

/** What a chat client got of a turn, and how it ended. */
async function played(vendor: LiveVendor, delivery: 'whole' | 'live') {
	const { port } = proxy.address() as AddressInfo;
	const provider = vendor.create(`http://127.0.0.1:${port}`);
	const settings = { model: vendor.model, maxOutputTokens: 1000 };
	const first: Step = {
		...scriptedStep(systemClock, [], { maxAttempts: 1, settings }),
		complete: provider.complete,
	};
	const next = scriptedStep(systemClock, [answer(otherText)]);
	const ask = async ({ messages, tools, toolChoice, live }: TurnQuestion): Promise<TurnAnswer> => {
		const content = { messages, tools, toolChoice, output: { kind: 'text' } } as const;
		const task = taskOf(systemClock, [first, next], { content, ...(live !== undefined && { live }) });
		const outcome: Outcome = await runChain(task, portsOf(systemClock));
		if (outcome.kind !== 'answered') throw new Error(outcome.kind);
		return { completion: outcome.completion } as TurnAnswer;
	};
	let said = '';
	let finished = false;
	try {
		const model = createResilientModel(plainSdk, ask, delivery);
		for await (const chunk of model.stream([{ role: 'user', content: [{ type: 'text', text: '6*7?' }] }])) {
			if (chunk.type === 'text-delta') said += chunk.delta;
			if (chunk.type === 'finish') finished = true;
		}
		return { said, finished };
	} catch {
		return { said, finished: false };
	}
}

const runsPerVendor = Math.ceil(500 / (2 * liveVendors.length));

describe.each(liveVendors)('$name, cut anywhere', (vendor) => {
	it.each(['whole', 'live'] as const)(
		'never ends as if a broken answer were whole, and glues nothing: %s',
		async (delivery) => {
			const random = seededRandom(liveVendors.indexOf(vendor) * 2 + (delivery === 'live' ? 1 : 0));
			const ends = { first: 0, next: 0, broken: 0 };
			for (let run = 0; run < runsPerVendor; run += 1) {
				cut = { after: random(), how: (['reset', 'end', 'reset', 'end', 'whole'] as const)[Math.floor(random() * 5)]! };
				const { said, finished } = await played(vendor, delivery);
				if (finished) {
					expect([text, otherText]).toContain(said);
					ends[said === text ? 'first' : 'next'] += 1;
				} else {
					// It was said live, and nothing came after it.
					expect([delivery, text.startsWith(said), said === '']).toEqual(['live', true, false]);
					ends.broken += 1;
				}
			}
			expect(ends.first).toBeGreaterThan(0);
			expect(ends.next).toBeGreaterThan(0);
			if (delivery === 'live') expect(ends.broken).toBeGreaterThan(0);
		},
	);
});
