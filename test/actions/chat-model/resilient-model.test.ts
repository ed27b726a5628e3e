import { describe, expect, it } from 'vitest';

import { createResilientModel } from '../../../nodes/ResilientLlm/actions/chat-model/resilient-model';
import type { TurnAnswer, TurnQuestion } from '../../../nodes/ResilientLlm/actions/chat-model/turn';
import type { Completion } from '../../../nodes/ResilientLlm/engine/completion';
import type { AiNodeSdk, SdkChatModel, SdkChunk, SdkTool } from '../../../nodes/ResilientLlm/host/ai-node-sdk';

/** The part of n8n's SDK that a model stands on. */
const sdk: AiNodeSdk = {
	BaseChatModel: class implements SdkChatModel {
		readonly tools: readonly SdkTool[] = [
			{ type: 'function', name: 'calculator', description: 'first' },
			{ type: 'provider', name: 'web_search' },
			{ type: 'function', name: 'calculator', description: 'again' },
		];
		async generate(): Promise<never> {
			return await Promise.reject(new Error('not ours'));
		}
		stream(): never {
			throw new Error('not ours');
		}
	},
	supplyModel: () => ({ response: {} }),
	getParametersJsonSchema: ({ name }) => ({ title: name }),
};

const completion: Completion = {
	kind: 'completion',
	text: 'Hello Ada',
	toolCalls: [{ id: 'a', name: 'calculator', argumentsText: '{"input":"6*7"}' }],
	finishReason: 'tool_calls',
	usage: { inputTokens: 10, outputTokens: 5, cachedInputTokens: 3, reasoningTokens: 2 },
	model: 'm',
};
const answered = (more: Partial<Completion> = {}) => ({ completion: { ...completion, ...more } }) as TurnAnswer;
const question = [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] as const;

const textDelta = (delta: string): SdkChunk => ({ type: 'text-delta', delta });
const usage = {
	promptTokens: 10,
	completionTokens: 5,
	totalTokens: 15,
	inputTokenDetails: { cacheRead: 3 },
	outputTokenDetails: { reasoning: 2 },
};
const rest: readonly SdkChunk[] = [
	{ type: 'tool-call-delta', id: 'a', name: 'calculator', argumentsDelta: '{"input":"6*7"}' },
	{ type: 'finish', finishReason: 'tool-calls', usage },
];

async function collected(chunks: AsyncIterable<SdkChunk>): Promise<{ chunks: SdkChunk[]; error?: unknown }> {
	const all: SdkChunk[] = [];
	try {
		for await (const chunk of chunks) all.push(chunk);
		return { chunks: all };
	} catch (error) {
		return { chunks: all, error };
	}
}

describe('a turn', () => {
	it('asks with each tool once, and answers in n8n’s form', async () => {
		const asked: TurnQuestion[] = [];
		const ask = async (turn: TurnQuestion) => {
			asked.push(turn);
			return await Promise.resolve(answered());
		};
		const { signal } = new AbortController();
		expect(await createResilientModel(sdk, ask, 'whole').generate(question, { signal })).toEqual({
			finishReason: 'tool-calls',
			usage,
			message: {
				role: 'assistant',
				content: [
					{ type: 'text', text: 'Hello Ada' },
					{ type: 'tool-call', toolCallId: 'a', toolName: 'calculator', input: '{"input":"6*7"}' },
				],
			},
		});
		expect(asked).toEqual([
			{
				messages: [{ role: 'user', parts: [{ kind: 'text', text: 'Hi' }] }],
				tools: [{ name: 'calculator', description: 'again', schema: { title: 'calculator' } }],
				toolChoice: { kind: 'auto' },
				signal,
			},
		]);
	});

	it('that streams is sent at once when it is whole', async () => {
		const ask = async ({ live }: TurnQuestion) => {
			expect(live).toBeUndefined();
			return await Promise.resolve(answered());
		};
		const { chunks } = await collected(createResilientModel(sdk, ask, 'whole').stream(question));
		expect(chunks).toEqual([textDelta('Hello Ada'), ...rest]);
	});
});

describe('a turn that is read along', () => {
	const speaking =
		(pieces: readonly string[], end: () => TurnAnswer) =>
		async ({ live }: TurnQuestion) => {
			for (const piece of pieces) {
				live?.(piece);
				await Promise.resolve();
			}
			return end();
		};

	it.each([[['Hello ', 'Ada']], [['Hello ']], [[]]])(
		'says all of the answer once, whatever came before: %j',
		async (pieces) => {
			const model = createResilientModel(sdk, speaking(pieces, answered), 'live');
			const { chunks } = await collected(model.stream(question));
			expect(chunks.map((chunk) => (chunk.type === 'text-delta' ? chunk.delta : '')).join('')).toBe('Hello Ada');
			expect(chunks.filter(({ type }) => type !== 'text-delta')).toEqual(rest);
		},
	);

	it('throws after the last piece when the chain gives up, and never ends as if it were whole', async () => {
		const failure = new Error('All models failed');
		const ask = speaking(['Hel'], () => {
			throw failure;
		});
		expect(await collected(createResilientModel(sdk, ask, 'live').stream(question))).toEqual({
			chunks: [textDelta('Hel')],
			error: failure,
		});
	});

	it('throws when what was said is not the answer', async () => {
		const { chunks, error } = await collected(
			createResilientModel(sdk, speaking(['Good bye'], answered), 'live').stream(question),
		);
		expect(chunks).toEqual([textDelta('Good bye')]);
		expect(error).toBeInstanceOf(Error);
	});
});
