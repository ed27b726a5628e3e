import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { modelIn } from './gemini/models';
import { objectOf, textOf, type JsonObject } from './json';
import { protocolFor, type Api, type Protocol } from './protocols';
import { firstRefusal, type Violation } from './violation';
import { uniqueName, type ScriptedReply } from './wire/scripted-reply';

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

export type Script = (request: AskedRequest) => ScriptedReply | RawReply | Promise<RawReply>;

/** Lets another server, such as aimock, answer what broke no rule. */
export function forwardTo(url: string): Script {
	return async ({ path, body, streams }) => {
		const headers = { 'content-type': 'application/json' };
		const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
		const text = await response.text();
		return { status: response.status, body: parsed(text), ...(streams && response.ok && { stream: [text] }) };
	};
}

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

/**
 * All vendors at once, each as strict as it is known to be: what breaks a rule is answered with the vendor's error,
 * everything else with what the script says, in the vendor's form, streamed where a stream was asked for.
 */
export async function startStrictServer(): Promise<StrictServer> {
	let script: Script = () => ({ text: 'Nothing was scripted.' });
	let requests: AskedRequest[] = [];
	const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
		const path = incoming.url ?? '/';
		const known = protocolFor(path);
		const body = objectOf(parsed(await textIn(incoming)));
		if (known === undefined || incoming.method !== 'POST') {
			send(outgoing, 404, { error: { message: `Nobody answers ${String(incoming.method)} ${path}` } });
			return;
		}
		const headers = plainHeaders(incoming.headers);
		const violations = known.protocol.check(body, { headers, path });
		const streams = known.protocol.streams(body, path);
		const model = modelIn(path) ?? textOf(body['model']);
		const asked: AskedRequest = { api: known.api, model, path, headers, body, streams, violations };
		requests.push(asked);
		await answer(outgoing, asked, known.protocol, script);
	};
	const server = createServer((incoming, outgoing) => {
		serve(incoming, outgoing).catch((error: unknown) => {
			send(outgoing, 500, { error: { message: `The script failed: ${String(error)}` } });
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

async function answer(
	outgoing: ServerResponse,
	asked: AskedRequest,
	protocol: Protocol,
	script: Script,
): Promise<void> {
	const refusal = firstRefusal(asked.violations);
	if (refusal !== undefined) {
		send(outgoing, refusal.status, protocol.error(refusal));
		return;
	}
	const reply = await script(asked);
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
