import type { Conversation } from '../conversation.ts';
import type { Reply, Usage } from '../reply.ts';

/** What a vendor adds to a reply. */
export interface Envelope {
	readonly asked: Conversation;
	/** The request as JSON. */
	readonly request: unknown;
	/** Differs from answer to answer. */
	readonly number: number;
	readonly usage: Usage;
}

/** A streamed answer as it leaves the socket: what precedes the model's words, its words in pieces, the rest. */
export interface Stream {
	readonly opening: readonly string[];
	readonly pieces: readonly string[];
	readonly closing: readonly string[];
}

/** Why a vendor turns a request down. */
export type Refusal =
	| 'overloaded'
	| 'rate_limited'
	| 'quota_exhausted'
	| 'server_error'
	| 'wrong_key'
	| 'unknown_model'
	| 'context_too_long';

export interface ErrorReply {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: object;
}

/** One of the formats in which models are called over HTTP. */
export interface Protocol {
	/** The paths below the base URL that call a model. */
	readonly path: RegExp;
	readonly streamType: string;
	/** The request, or undefined when it is not in this format. */
	read(path: string, body: string): Conversation | undefined;
	whole(reply: Reply, envelope: Envelope): object;
	stream(reply: Reply, envelope: Envelope): Stream;
	refusal(refusal: Refusal, model: string, retryAfterSeconds: number): ErrorReply;
}

/** Pieces as small as vendors send them; none when there is nothing to send. */
export function inPieces(text: string, size: number): readonly string[] {
	return Array.from({ length: Math.ceil(text.length / size) }, (_, piece) =>
		text.slice(piece * size, (piece + 1) * size),
	);
}

/** The arguments as an object, for vendors that send no text: what there is of them when they are unfinished. */
export function argumentsObject(text: string): object {
	for (const ending of ['', '}', '"}']) {
		try {
			return JSON.parse(text + ending) as object;
		} catch {
			// Perhaps with the next ending.
		}
	}
	return {};
}

export function isJson(text: string): boolean {
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
}

export const textPieceLength = 4;
export const argumentsPieceLength = 5;
