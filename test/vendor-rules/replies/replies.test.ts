import { describe, expect, it } from 'vitest';

import { recordedReplies, type ReplyApi } from '.';
import { eventsIn, readBody, readStream } from './read-reply';

const apis: readonly ReplyApi[] = [
	'anthropic-messages',
	'openai-chat',
	'openai-responses',
	'gemini-generate',
	'ollama-chat',
	'openai-compatible',
];

/** What tells a stream that is at its end from one that was cut. */
const ends: Readonly<Record<ReplyApi, RegExp>> = {
	'anthropic-messages': /event: message_stop\n/,
	'openai-chat': /"finish_reason":"\w+"[^]*data: \[DONE\]\n\n$/,
	'openai-responses': /event: response\.(?:completed|incomplete|failed)\n/,
	'gemini-generate': /"finishReason":"\w+"|"blockReason":"\w+"/,
	'ollama-chat': /"done":true/,
	'openai-compatible': /"finish_reason":"\w+"/,
};

describe.each(apis)('recorded replies of %s', (api) => {
	const replies = recordedReplies(api);
	const whole = replies.filter(({ body, stream }) => body !== null && stream !== null);

	it('have a name and a source each', () => {
		expect(new Set(replies.map(({ name }) => name)).size).toBe(replies.length);
		expect(replies.every(({ source }) => source.length > 20)).toBe(true);
	});

	it.each(whole.map((reply) => [reply.name, reply] as const))(
		'%s says the same in a stream',
		(_, { body, stream, expect: wanted }) => {
			const read = readBody(api, body ?? {});
			const streamed = readStream(api, stream ?? []);
			expect(streamed).toEqual({
				...read,
				calls: expect.anything() as unknown,
				seals: expect.anything() as unknown,
			});
			expect(new Set(streamed.seals)).toEqual(new Set(read.seals));
			if ('fails' in wanted) return;
			const isCutOff = wanted.finish === 'length' && wanted.calls.length === 0;
			if (!isCutOff) expect([read.calls, streamed.calls]).toEqual([wanted.calls, wanted.calls]);
			expect(read.text).toBe(wanted.text);
			if (wanted.usage !== null) expect(read.output).toBe(wanted.usage.output);
			expect(wanted.keepsake === true && api !== 'openai-compatible' ? read.seals.length > 0 : true).toBe(true);
		},
	);

	it('end as the vendor ends a stream, unless they are about one that does not', () => {
		for (const { name, stream, expect: wanted } of replies) {
			const isWhole = !('fails' in wanted) || !['cut', 'overloaded', 'server_error'].includes(wanted.fails);
			const failsAtTheEnd = /failed/.test(name) || /OpenRouter, error/.test(name);
			expect([name, ends[api].test((stream ?? []).join(''))]).toEqual([name, isWhole || failsAtTheEnd]);
			expect(eventsIn(stream ?? []).length).toBeGreaterThan(0);
		}
	});

	it('have what the adapters have to cope with', () => {
		const names = replies.map(({ name }) => name).join(', ');
		if (api === 'openai-compatible') return;
		for (const needed of ['tool call', 'two parallel tool calls', 'truncated', 'error in the stream', 'cut stream']) {
			expect(names).toContain(needed);
		}
	});
});
