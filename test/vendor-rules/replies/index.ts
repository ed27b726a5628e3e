import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export type ReplyApi =
	'anthropic-messages' | 'openai-chat' | 'openai-responses' | 'gemini-generate' | 'ollama-chat' | 'openai-compatible';

/** What is in a reply, whichever vendor gave it. */
export interface ReplyContents {
	/** The answer, without reasoning and without what a refusal says. */
	readonly text: string;
	/** The calls that are whole. One that was cut off is none. */
	readonly calls: ReadonlyArray<{ readonly name: string; readonly args: Readonly<Record<string, unknown>> }>;
	readonly finish: 'stop' | 'tool_calls' | 'length' | 'content_filter' | 'context_window' | 'other';
	/** Null when the vendor does not tell. `input` is all of it, `output` has the reasoning in it. */
	readonly usage: {
		readonly input: number;
		readonly output: number;
		readonly reasoning: number;
		readonly cacheRead: number;
		readonly cacheWritten: number;
	} | null;
	/** Something in it has to go back to this very vendor in the next turn. */
	readonly keepsake?: true;
}

/** A reply that is none: an error after a good beginning, an end before its time, nothing generated. */
export interface NoReply {
	readonly fails: 'overloaded' | 'server_error' | 'cut' | 'empty';
}

/** A reply in the shape that the vendor documents. The values are ours: nobody's conversation is in here. */
export interface RecordedReply {
	readonly name: string;
	/** Where the shape is documented. */
	readonly source: string;
	readonly expect: ReplyContents | NoReply;
	/** The body of the 200; null for what only a stream can be. */
	readonly body: Readonly<Record<string, unknown>> | null;
	/** The same reply streamed, byte for byte, cut where the vendor flushes; null where none is known. */
	readonly stream: readonly string[] | null;
}

export function recordedReplies(api: ReplyApi): readonly RecordedReply[] {
	return JSON.parse(readFileSync(join(import.meta.dirname, `${api}.json`), 'utf8')) as readonly RecordedReply[];
}
