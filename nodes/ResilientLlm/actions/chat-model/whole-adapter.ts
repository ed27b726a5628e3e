import { usageForN8n } from './n8n-answer';
import type { ResilientModel } from './resilient-model';
import { hearOfTurn, type TurnFacts } from './turn-facts';
import { toolChoiceFrom } from './tool-choice';

/**
 * The parts we use of the object that n8n's `supplyModel` returns in 2.16 to 2.41: a LangChain chat model. They are
 * internal to n8n, so each may be missing; then only the feature that needs it is lost.
 */
interface Adapter {
	chatModel?: ResilientModel;
	callbacks?: unknown;
	metadata?: Readonly<Record<string, unknown>>;
	bindTools?: (tools: unknown, kwargs?: { readonly tool_choice?: unknown }) => Adapter;
	_generate?: (messages: unknown, ...rest: unknown[]) => Promise<{ readonly generations?: readonly Generation[] }>;
	_streamResponseChunks?: (messages: unknown, ...rest: unknown[]) => AsyncIterable<Generation>;
}

interface Generation {
	generationInfo?: Readonly<Record<string, unknown>>;
	readonly message?: { readonly usage_metadata?: unknown; content?: unknown };
}

interface Tracing {
	readonly name?: unknown;
	readonly options?: { tokensUsageParser?: unknown };
}

/**
 * Patches n8n's adapter so that images and PDFs reach the model, the tool choice is kept, tokens are counted exactly,
 * and n8n's log shows attempts and cost. Nodes such as the Basic LLM Chain are told if the output is JSON.
 */
export function makeWhole(supplied: unknown, isJson: boolean): void {
	if (typeof supplied !== 'object' || supplied === null) return;
	const adapter = supplied as Adapter;
	// The Basic LLM Chain reads this setting and parses the answer as JSON.
	if (isJson) adapter.metadata = { ...adapter.metadata, output_format: 'json' };
	countExactly(adapter);
	patchGenerate(adapter);
	patchStream(adapter);
	patchBindTools(adapter, isJson);
}

function patchGenerate(adapter: Adapter): void {
	const generate = adapter._generate;
	if (typeof generate !== 'function') return;
	adapter._generate = async (messages, ...rest) => {
		const facts: TurnFacts = {};
		const result = await hearOfTurn(facts, async () => await generate.call(adapter, readable(messages), ...rest));
		const [first] = result.generations ?? [];
		if (first !== undefined) {
			first.generationInfo = { ...first.generationInfo, ...informationOf(facts) };
			if (first.message !== undefined) first.message.content = plainText(first.message.content);
		}
		return result;
	};
}

function patchStream(adapter: Adapter): void {
	const stream = adapter._streamResponseChunks;
	if (typeof stream !== 'function') return;
	adapter._streamResponseChunks = async function* (messages, ...rest) {
		const facts: TurnFacts = {};
		const chunks = stream.call(adapter, readable(messages), ...rest)[Symbol.asyncIterator]();
		try {
			for (;;) {
				const next = await hearOfTurn(facts, async () => await chunks.next());
				if (next.done === true) return;
				const chunk = next.value;
				// The usage is only in the last chunk, so this is when the facts are complete.
				if (chunk.message?.usage_metadata !== undefined) {
					chunk.generationInfo = { ...chunk.generationInfo, ...informationOf(facts) };
				}
				yield chunk;
			}
		} finally {
			await chunks.return?.();
		}
	};
}

/** n8n's adapter ignores the second argument of `bindTools` and returns a new adapter, which must be patched too. */
function patchBindTools(adapter: Adapter, isJson: boolean): void {
	const bindTools = adapter.bindTools;
	if (typeof bindTools !== 'function') return;
	adapter.bindTools = (tools, kwargs) => {
		const bound = bindTools.call(adapter, tools, kwargs);
		if (bound.chatModel !== undefined && kwargs?.tool_choice !== undefined) {
			bound.chatModel.toolChoice = toolChoiceFrom(kwargs.tool_choice);
		}
		makeWhole(bound, isJson);
		return bound;
	};
}

function informationOf({ answer }: TurnFacts): Readonly<Record<string, unknown>> {
	if (answer === undefined) return {};
	const { facts, taskId, completion } = answer;
	const { tier, provider, model, costUsd, attempts, warnings } = facts;
	const { usage } = completion;
	const counted = usage === undefined ? {} : { usage: usageForN8n(usage) };
	return { resilience: { taskId, tier, provider, model, costUsd, attempts, warnings, ...counted } };
}

/** Replaces n8n's token counting, which does not know our cost or the exact token counts of a streamed answer. */
function countExactly({ callbacks }: Adapter): void {
	if (!Array.isArray(callbacks)) return;
	for (const tracing of callbacks as readonly Tracing[]) {
		if (tracing?.name !== 'N8nLlmTracing' || typeof tracing.options !== 'object') continue;
		tracing.options.tokensUsageParser = tokenUsageOf;
	}
}

/** The token counts and the cost shown in n8n's log for a call, read from LangChain's result. */
function tokenUsageOf(result: { readonly generations?: ReadonlyArray<readonly Generation[]> }): object {
	const resilience = result.generations?.[0]?.[0]?.generationInfo?.['resilience'];
	const { usage, costUsd } = (resilience ?? {}) as {
		readonly usage?: ReturnType<typeof usageForN8n>;
		readonly costUsd?: number | null;
	};
	return {
		promptTokens: usage?.promptTokens ?? 0,
		completionTokens: usage?.completionTokens ?? 0,
		totalTokens: usage?.totalTokens ?? 0,
		...(typeof costUsd === 'number' && { cost: costUsd }),
	};
}

/**
 * n8n's auto-fixing parser turns the content into a string with `toString`: a list of text blocks, which is what n8n's
 * adapter makes of every answer, would become "[object Object]".
 */
function plainText(content: unknown): unknown {
	if (!Array.isArray(content)) return content;
	const texts = content.map((block: unknown) => {
		const { type, text } = (block ?? {}) as { readonly type?: unknown; readonly text?: unknown };
		return type === 'text' && typeof text === 'string' ? text : undefined;
	});
	return texts.includes(undefined) ? content : texts.join('');
}

/** Converts the files in messages to the only form that n8n's adapter does not drop. */
function readable(messages: unknown): unknown {
	if (!Array.isArray(messages)) return messages;
	return messages.map((message: unknown) => {
		if (typeof message !== 'object' || message === null || !('content' in message)) return message;
		if (!Array.isArray(message.content)) return message;
		const content = message.content.map(readableBlock);
		// The copy keeps the message's class, because n8n checks it.
		return Object.assign(Object.create(Object.getPrototypeOf(message) as object) as object, message, { content });
	});
}

function readableBlock(block: unknown): unknown {
	if (typeof block !== 'object' || block === null) return block;
	const { type, image_url: image, mime_type: mimeType } = block as Readonly<Record<string, unknown>>;
	if (type === 'image_url') {
		const url = typeof image === 'string' ? image : (image as { readonly url?: unknown } | undefined)?.url;
		return typeof url === 'string' ? imageBlock(url) : block;
	}
	return type === 'file' && typeof mimeType === 'string' ? { ...block, mimeType } : block;
}

function imageBlock(url: string): object {
	const data = /^data:([^;,]{1,100})[^,]{0,100},/.exec(url);
	return data === null ? { type: 'image', url } : { type: 'image', mimeType: data[1], data: url.slice(data[0].length) };
}
