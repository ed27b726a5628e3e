import { expect, it } from 'vitest';

import { messagesStream } from '../../../nodes/ResilientLlm/providers/anthropic/stream';
import { readLines, readServerSentEvents } from '../../../nodes/ResilientLlm/providers/http/event-stream';
import { chatStream } from '../../../nodes/ResilientLlm/providers/openai/chat-stream';

/** CPU time of the thread, in ms. */
function cpuMs(work: () => void): number {
	const before = process.threadCpuUsage();
	work();
	const { user, system } = process.threadCpuUsage(before);
	return (user + system) / 1000;
}

const farOff = 4_000_000_000;

it('a block or a call with an absurd index costs no time', () => {
	const events = [
		{ type: 'message_start', message: { model: 'm' } },
		...[0, farOff, -1, 'x', null].map((index) => ({
			type: 'content_block_start',
			index,
			content_block: { type: 'text', text: `${index}` },
		})),
		{ type: 'message_stop' },
	];
	expect(cpuMs(() => messagesStream.whole(events))).toBeLessThan(200);
	const calls = [0, farOff, 2 ** 31].map((index) => ({
		index,
		id: `c${index}`,
		function: { name: 't', arguments: '{}' },
	}));
	const chunks = [{ choices: [{ delta: { tool_calls: calls }, finish_reason: 'tool_calls' }] }];
	let whole: unknown;
	expect(cpuMs(() => (whole = chatStream.whole(chunks)))).toBeLessThan(200);
	expect(whole).toMatchObject({ choices: [{ message: { tool_calls: [{ id: 'c0' }, {}, {}] } }] });
});

it.each([
	['lines', () => readLines(() => undefined)],
	['events', async () => await readServerSentEvents(() => undefined)],
])('a megabyte without an end of a line, in small pieces, is read in linear time: %s', async (_, open) => {
	const stream = await open();
	const piece = 'x'.repeat(100);
	expect(
		cpuMs(() => {
			for (let sent = 0; sent < 1_000_000; sent += piece.length) stream.feed(piece);
		}),
	).toBeLessThan(200);
});

it('the last line counts, also when its end is missing', () => {
	const heard: unknown[] = [];
	const stream = readLines((event) => heard.push(event));
	stream.feed('{"a":1}\n{"do');
	stream.feed('ne":true}');
	stream.end();
	stream.end();
	expect([stream.events, heard]).toEqual([
		[{ a: 1 }, { done: true }],
		[{ a: 1 }, { done: true }],
	]);
});
