import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export type Vendor = 'anthropic' | 'openAi' | 'gemini' | 'ollama';

/** What becomes of one call: an answer after a while, an error status, or nothing at all until the caller hangs up. */
export type Fate =
	| { readonly answer: string; readonly afterMs?: number }
	| { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
	| 'silence';

export interface Call {
	readonly vendor: Vendor;
	readonly prompt: string;
	/** The whole request body, for what a test wants to see in it. */
	readonly body: string;
	/** True once the caller has hung up before the reply was there. */
	abandoned: boolean;
}

export interface SimulatedVendors {
	readonly baseUrl: string;
	readonly calls: readonly Call[];
	/** Decides about every call from now on. */
	decide: (vendor: Vendor, prompt: string) => Fate;
	/** Resolves when the given number of calls has come in. */
	callsArrived(count: number): Promise<void>;
	/** Resolves when a call's caller has hung up. */
	abandonment(): Promise<void>;
	close(): Promise<void>;
}

/** All vendors on one loopback port, told apart by path. */
export async function startSimulatedVendors(): Promise<SimulatedVendors> {
	const calls: Call[] = [];
	const waiting: Array<{ readonly done: () => boolean; readonly resolve: () => void }> = [];
	const server: Server = createServer((request, response) => void handle(request, response));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

	const vendors: SimulatedVendors = {
		baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		calls,
		decide: () => ({ answer: 'fine' }),
		callsArrived: async (count) => await until(() => calls.length >= count),
		abandonment: async () => await until(() => calls.some(({ abandoned }) => abandoned)),
		close: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
	return vendors;

	async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
		if (request.method === 'GET') return reply(response, 200, { data: [{ id: 'model-b' }, { id: 'model-a' }] });
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const body = Buffer.concat(chunks).toString();
		const vendor = vendorOf(request.url ?? '');
		const call: Call = { vendor, body, prompt: promptIn(vendor, JSON.parse(body)), abandoned: false };
		response.on('close', () => {
			call.abandoned = !response.writableFinished;
			tellWaiting();
		});
		calls.push(call);
		const fate = vendors.decide(vendor, call.prompt);
		tellWaiting();
		if (fate === 'silence') return;
		if ('status' in fate) return reply(response, fate.status, errorBody(vendor, fate.status), fate.headers);
		if (fate.afterMs !== undefined) await sleep(fate.afterMs);
		reply(response, 200, answerBody(vendor, fate.answer));
	}

	async function until(done: () => boolean): Promise<void> {
		if (done()) return;
		await new Promise<void>((resolve) => waiting.push({ done, resolve }));
	}

	function tellWaiting(): void {
		for (const { done, resolve } of waiting) if (done()) resolve();
	}
}

function reply(
	response: ServerResponse,
	status: number,
	body: unknown,
	headers: Readonly<Record<string, string>> = {},
): void {
	if (response.destroyed) return;
	response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

function vendorOf(path: string): Vendor {
	if (path.includes('/v1/messages')) return 'anthropic';
	if (path.includes(':generateContent')) return 'gemini';
	return path.includes('/api/chat') ? 'ollama' : 'openAi';
}

interface RequestBody {
	readonly messages?: ReadonlyArray<{ readonly content: string | ReadonlyArray<{ readonly text?: string }> }>;
	readonly contents?: ReadonlyArray<{ readonly parts: ReadonlyArray<{ readonly text?: string }> }>;
}

function promptIn(vendor: Vendor, body: RequestBody): string {
	const content = vendor === 'gemini' ? body.contents?.[0]?.parts : body.messages?.at(-1)?.content;
	if (typeof content === 'string') return content;
	return (content ?? []).map(({ text }) => text ?? '').join('');
}

function answerBody(vendor: Vendor, text: string): unknown {
	switch (vendor) {
		case 'anthropic':
			return {
				id: 'msg_1',
				type: 'message',
				role: 'assistant',
				model: 'claude-haiku-5-5',
				content: [{ type: 'text', text }],
				stop_reason: 'end_turn',
				usage: { input_tokens: 1000, output_tokens: 100 },
			};
		case 'openAi':
			return {
				id: 'chatcmpl-1',
				object: 'chat.completion',
				model: 'gpt-6-luna',
				choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: text } }],
				usage: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 },
			};
		case 'gemini':
			return {
				modelVersion: 'gemini-3.5-flash-lite',
				candidates: [{ content: { role: 'model', parts: [{ text }] }, finishReason: 'STOP' }],
				usageMetadata: { promptTokenCount: 1000, candidatesTokenCount: 100, totalTokenCount: 1100 },
			};
		case 'ollama':
			return {
				model: 'llama3.2',
				message: { role: 'assistant', content: text },
				done: true,
				done_reason: 'stop',
				prompt_eval_count: 1000,
				eval_count: 100,
			};
	}
}

function errorBody(vendor: Vendor, status: number): unknown {
	const message = 'simulated failure';
	if (vendor === 'anthropic')
		return { type: 'error', error: { type: status === 529 ? 'overloaded_error' : 'api_error', message } };
	if (vendor === 'gemini')
		return { error: { code: status, message, status: status === 400 ? 'INVALID_ARGUMENT' : 'UNAVAILABLE' } };
	if (vendor === 'ollama') return { error: message };
	return { error: { message, type: 'server_error', code: null, param: null } };
}
