import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { checkAnthropicMessages } from './anthropic-messages';
import { checkGeminiGenerate } from './gemini-generate';
import { modelIn } from './gemini/models';
import { objectOf, textOf, type JsonObject } from './json';
import { checkOllamaChat } from './ollama-chat';
import { checkOpenAiChat } from './openai-chat';
import { checkOpenAiCompatible, dialects, type DialectName } from './openai-compatible';
import { checkOpenAiResponses } from './openai-responses';
import { firstRefusal, type Check, type Violation } from './violation';
import { anthropicError, anthropicEvents, anthropicReply, namedEvents } from './wire/anthropic';
import { geminiData, geminiError, geminiEvents, geminiReply } from './wire/gemini';
import { jsonLines, ollamaEvents, ollamaReply } from './wire/ollama';
import { chatEvents, chatReply, dataEvents, openAiError, openAiManners, type ChatManners } from './wire/openai-chat';
import { responsesEvents, responsesReply } from './wire/openai-responses';
import { uniqueName, type ScriptedReply } from './wire/scripted-reply';

export type Api = 'anthropic' | 'openaiChat' | 'openaiResponses' | 'gemini' | 'ollama' | 'compatible';

export interface AskedRequest {
	readonly api: Api;
	readonly model: string;
	readonly path: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: JsonObject;
	readonly streams: boolean;
	/** Refusals and warnings. */
	readonly violations: readonly Violation[];
}

/** A reply of any shape, for what no script can say. */
export interface RawReply {
	readonly status: number;
	readonly body: unknown;
	/** What is sent instead to a request for a stream; each piece is written by itself. */
	readonly stream?: readonly string[];
}

export type Script = (request: AskedRequest) => ScriptedReply | RawReply;

export interface StrictServer {
	/**
	 * `http://127.0.0.1:<port>`. Base URLs: as it is for Anthropic, Gemini and Ollama; with `/v1` for OpenAI; with
	 * `/<dialect>/v1` for a compatible server, such as `/mistral/v1`.
	 */
	readonly url: string;
	readonly requests: readonly AskedRequest[];
	/** Sets what is answered to further requests that break no rule, and forgets those seen so far. */
	answer(script: Script): void;
	close(): Promise<void>;
}

/** Speaks an API: what it refuses and how it says so, and how a scripted reply looks in it, whole and streamed. */
interface Protocol {
	readonly check: Check;
	readonly contentType: string;
	streams(body: JsonObject, path: string): boolean;
	error(refusal: Violation): JsonObject;
	reply(reply: ScriptedReply, body: JsonObject, path: string): JsonObject;
	stream(reply: JsonObject, body: JsonObject): readonly string[];
}

const serverSentEvents = 'text/event-stream; charset=utf-8';
const asksForStream = (body: JsonObject): boolean => body['stream'] === true;

function chatProtocol(check: Check, manners: ChatManners): Protocol {
	return {
		check,
		contentType: serverSentEvents,
		streams: asksForStream,
		error: ({ message, path, code }) => openAiError(message, path, code),
		reply: (reply, body) => chatReply(reply, body, manners),
		stream: (reply, body) => dataEvents(chatEvents(reply, body, manners)),
	};
}

const protocols: Readonly<Record<Exclude<Api, 'compatible'>, Protocol>> = {
	anthropic: {
		check: checkAnthropicMessages,
		contentType: serverSentEvents,
		streams: asksForStream,
		error: ({ message, status }) => anthropicError(message, status),
		reply: anthropicReply,
		stream: (reply) => namedEvents(anthropicEvents(reply)),
	},
	openaiChat: chatProtocol(checkOpenAiChat, openAiManners),
	openaiResponses: {
		...chatProtocol(checkOpenAiResponses, openAiManners),
		reply: responsesReply,
		stream: (reply) => namedEvents(responsesEvents(reply)),
	},
	gemini: {
		check: checkGeminiGenerate,
		contentType: 'text/event-stream',
		streams: (_, path) => path.includes(':streamGenerateContent'),
		error: ({ message, status }) => geminiError(message, status),
		reply: (reply, body, path) => geminiReply(reply, body, modelIn(path) ?? ''),
		stream: (reply) => geminiData(geminiEvents(reply)),
	},
	ollama: {
		check: checkOllamaChat,
		contentType: 'application/x-ndjson',
		streams: (body) => body['stream'] !== false,
		error: ({ message }) => ({ error: message }),
		reply: ollamaReply,
		stream: (reply) => jsonLines(ollamaEvents(reply)),
	},
};

function compatible(dialect: DialectName): Protocol {
	const mistral: ChatManners = { callId: () => uniqueName(9), wholeCalls: true };
	// vLLM's IDs, longer than OpenAI's own API takes.
	const other: ChatManners = { callId: () => `chatcmpl-tool-${uniqueName(32)}`, reasoningField: 'reasoning_content' };
	const protocol = chatProtocol(checkOpenAiCompatible(dialect), dialect === 'mistral' ? mistral : other);
	if (dialect !== 'mistral') return protocol;
	const error = ({ message, code }: Violation) => ({
		object: 'error',
		message,
		type: 'invalid_request_error',
		param: null,
		code: code ?? '3051',
	});
	return { ...protocol, error };
}

function protocolFor(path: string): { readonly api: Api; readonly protocol: Protocol } | undefined {
	const [, dialect] = /^\/(\w+)\/v1\/chat\/completions/.exec(path) ?? [];
	if (dialect !== undefined && dialect in dialects) {
		return { api: 'compatible', protocol: compatible(dialect as DialectName) };
	}
	const api = (
		[
			[/^\/v1\/messages\b/, 'anthropic'],
			[/^\/v1\/chat\/completions\b/, 'openaiChat'],
			[/^\/v1\/responses\b/, 'openaiResponses'],
			[/^\/v1(?:beta)?\/models\/[^/]+:(?:stream)?[gG]enerateContent\b/, 'gemini'],
			[/^\/api\/chat\b/, 'ollama'],
		] as const
	).find(([pattern]) => pattern.test(path))?.[1];
	return api && { api, protocol: protocols[api] };
}

/**
 * All vendors at once, each as strict as it is known to be: what breaks a rule is answered with the vendor's error,
 * everything else with what the script says, in the vendor's form, streamed where a stream was asked for.
 */
export async function startStrictServer(): Promise<StrictServer> {
	let script: Script = () => ({ text: 'Nothing was scripted.' });
	let requests: AskedRequest[] = [];
	const server = createServer((incoming, outgoing) => {
		void textIn(incoming).then((text) => {
			const path = incoming.url ?? '/';
			const known = protocolFor(path);
			if (known === undefined || incoming.method !== 'POST') {
				send(outgoing, 404, { error: { message: `Nobody answers ${String(incoming.method)} ${path}` } });
				return;
			}
			const body = objectOf(parsed(text));
			const headers = plainHeaders(incoming.headers);
			const violations = known.protocol.check(body, { headers, path });
			const streams = known.protocol.streams(body, path);
			const model = modelIn(path) ?? textOf(body['model']);
			const asked: AskedRequest = { api: known.api, model, path, headers, body, streams, violations };
			requests.push(asked);
			answer(outgoing, asked, known.protocol, script);
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}`,
		get requests() {
			return requests;
		},
		answer(next) {
			script = next;
			requests = [];
		},
		close: async () => {
			server.closeAllConnections();
			await new Promise<void>((resolve) => server.close(() => resolve()));
		},
	};
}

function answer(outgoing: ServerResponse, asked: AskedRequest, protocol: Protocol, script: Script): void {
	const refusal = firstRefusal(asked.violations);
	if (refusal !== undefined) {
		send(outgoing, refusal.status, protocol.error(refusal));
		return;
	}
	const reply = script(asked);
	if ('status' in reply) {
		if (asked.streams && reply.stream !== undefined) sendPieces(outgoing, protocol.contentType, reply.stream);
		else send(outgoing, reply.status, reply.body);
		return;
	}
	const whole = protocol.reply(reply, asked.body, asked.path);
	if (asked.streams) sendPieces(outgoing, protocol.contentType, protocol.stream(whole, asked.body));
	else send(outgoing, 200, whole);
}

function send(outgoing: ServerResponse, status: number, body: unknown): void {
	outgoing.writeHead(status, { 'content-type': 'application/json', ...requestIds() });
	outgoing.end(JSON.stringify(body));
}

function sendPieces(outgoing: ServerResponse, contentType: string, pieces: readonly string[]): void {
	outgoing.writeHead(200, { 'content-type': contentType, ...requestIds() });
	for (const piece of pieces) outgoing.write(piece);
	outgoing.end();
}

function requestIds(): Record<string, string> {
	const id = `req_${uniqueName(24)}`;
	return { 'request-id': id, 'x-request-id': id };
}

async function textIn(incoming: IncomingMessage): Promise<string> {
	const chunks: Buffer[] = [];
	for await (const chunk of incoming) chunks.push(chunk as Buffer);
	return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

function plainHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
	return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
