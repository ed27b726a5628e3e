import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorReply } from '../simulated-providers/fate.ts';
import { endpointOf } from '../simulated-providers/vendor.ts';

/** Three of the five vendors are enough: first step, second, third. */
export const pricedVendors = ['anthropic', 'openai', 'gemini'] as const;
export type PricedVendor = (typeof pricedVendors)[number];

/** USD per million tokens, by hand from the vendors' price pages (test/nodes/prices/cases.json names them). */
const rates: Readonly<
	Record<PricedVendor, { readonly input: number; readonly cached: number; readonly output: number }>
> = {
	anthropic: { input: 0.1, cached: 0.01, output: 0.5 },
	openai: { input: 0.1, cached: 0.01, output: 0.5 },
	gemini: { input: 0.3, cached: 0.03, output: 2.5 },
};

/** As long as the pauses between retries, or failing tasks would crowd out the others. */
const latencyMs = 50;

interface Tokens {
	readonly uncached: number;
	readonly cached: number;
	readonly written: number;
	readonly reasoned: number;
}

type Fate = 'ok' | 'cut off' | 'declines' | 'overloaded' | 'fails' | 'busy' | 'invalid' | 'hangs';

/** One call that arrived, and what its vendor would bill for it. */
export interface BilledCall {
	readonly vendor: PricedVendor;
	readonly task: number;
	readonly fate: Fate;
	readonly usd: number;
}

/** What becomes of a task, by its number: the fates of its calls to each vendor in turn; the last one repeats. */
function fatesOf(task: number, vendor: PricedVendor): readonly Fate[] {
	const plans: Readonly<Record<number, Readonly<Record<PricedVendor, readonly Fate[]>>>> = {
		11: { anthropic: ['overloaded', 'ok'], openai: ['ok'], gemini: ['ok'] },
		12: { anthropic: ['busy', 'ok'], openai: ['ok'], gemini: ['ok'] },
		13: { anthropic: ['fails'], openai: ['ok'], gemini: ['ok'] },
		14: { anthropic: ['invalid'], openai: ['ok'], gemini: ['ok'] },
		15: { anthropic: ['cut off'], openai: ['ok'], gemini: ['ok'] },
		16: { anthropic: ['overloaded'], openai: ['fails'], gemini: ['ok'] },
		17: { anthropic: ['invalid'], openai: ['invalid'], gemini: ['invalid'] },
		19: { anthropic: ['declines'], openai: ['declines'], gemini: ['ok'] },
	};
	// Neighbours have different fates: a row of failures would open the circuits, and little else would happen.
	const kind = (task * 7) % 100;
	if (kind === 18) return vendor === 'anthropic' ? ['hangs'] : ['ok'];
	return plans[kind % 20]?.[vendor] ?? ['ok'];
}

/** Vendors on one loopback port that bill every answer, finished or not, and remember what they billed. */
export class PricedVendors {
	readonly journal: BilledCall[] = [];
	private readonly server: Server;

	private constructor(server: Server) {
		this.server = server;
	}

	static async start(): Promise<PricedVendors> {
		const server = createServer();
		const started = new PricedVendors(server);
		server.on('request', (request, response) => {
			const chunks: Buffer[] = [];
			request.on('data', (chunk: Buffer) => void chunks.push(chunk));
			request.on('end', () => started.answer(request.url ?? '/', Buffer.concat(chunks).toString(), response));
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		return started;
	}

	baseUrl(vendor: PricedVendor): string {
		const { port } = this.server.address() as AddressInfo;
		return `http://127.0.0.1:${port}/${vendor}${vendor === 'openai' ? '/v1' : ''}`;
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}

	private answer(url: string, body: string, response: ServerResponse): void {
		const [, prefix = '', ...rest] = url.split('/');
		const vendor = pricedVendors.find((known) => known === prefix);
		const task = Number(/task number (\d+)/.exec(body)?.[1]);
		if (vendor === undefined || Number.isNaN(task) || endpointOf(vendor, 'POST', `/${rest.join('/')}`) !== 'chat') {
			return send(response, 404, { error: url });
		}
		const fates = fatesOf(task, vendor);
		const earlier = this.journal.filter((call) => call.vendor === vendor && call.task === task).length;
		const fate = fates[Math.min(earlier, fates.length - 1)] ?? 'ok';
		const tokens = {
			uncached: 100 + task,
			cached: task % 3 === 0 ? 40 : 0,
			written: 10 + (task % 50),
			reasoned: vendor === 'gemini' ? 7 : 0,
		};
		const isBilled = fate === 'ok' || fate === 'cut off' || fate === 'declines';
		this.journal.push({ vendor, task, fate, usd: isBilled ? priceOf(vendor, tokens) : 0 });
		setTimeout(() => meet(fate, vendor, tokens, response), latencyMs);
	}
}

function priceOf(vendor: PricedVendor, { uncached, cached, written, reasoned }: Tokens): number {
	const rate = rates[vendor];
	return (uncached * rate.input + cached * rate.cached + (written + reasoned) * rate.output) / 1_000_000;
}

function meet(fate: Fate, vendor: PricedVendor, tokens: Tokens, response: ServerResponse): void {
	switch (fate) {
		case 'hangs':
			return;
		case 'overloaded':
			return failing(errorReply(vendor, 'overloaded'));
		case 'fails':
			return failing({ ...errorReply(vendor, 'unavailable'), status: 500 });
		case 'busy':
			return failing({ ...errorReply(vendor, 'rate_limited'), headers: { 'retry-after-ms': '50' } });
		case 'invalid':
			return failing({ ...errorReply(vendor, 'unavailable'), status: 400 });
		default:
			return send(response, 200, wordsOf(vendor, fate, tokens));
	}

	function failing({ status, body, headers }: ReturnType<typeof errorReply>): void {
		send(response, status, body, headers);
	}
}

const finishWords = {
	anthropic: { ok: 'end_turn', 'cut off': 'max_tokens', declines: 'refusal' },
	openai: { ok: 'stop', 'cut off': 'length', declines: 'content_filter' },
	gemini: { ok: 'STOP', 'cut off': 'MAX_TOKENS', declines: 'SAFETY' },
} as const;

/** The answer as this vendor words it: each counts cached and reasoned tokens its own way. */
function wordsOf(
	vendor: PricedVendor,
	fate: 'ok' | 'cut off' | 'declines',
	{ uncached, cached, written, reasoned }: Tokens,
): unknown {
	const text = 'ANSWER of a simulated model';
	const finish = finishWords[vendor][fate];
	switch (vendor) {
		case 'anthropic':
			return {
				id: 'msg_1',
				type: 'message',
				role: 'assistant',
				model: 'claude-haiku-5-5',
				content: [{ type: 'text', text }],
				stop_reason: finish,
				usage: {
					input_tokens: uncached,
					cache_read_input_tokens: cached,
					cache_creation_input_tokens: 0,
					output_tokens: written + reasoned,
				},
			};
		case 'openai':
			return {
				id: 'chatcmpl-1',
				object: 'chat.completion',
				model: 'gpt-6-luna',
				choices: [{ index: 0, finish_reason: finish, message: { role: 'assistant', content: text, refusal: null } }],
				usage: {
					prompt_tokens: uncached + cached,
					prompt_tokens_details: { cached_tokens: cached },
					completion_tokens: written + reasoned,
					completion_tokens_details: { reasoning_tokens: reasoned },
					total_tokens: uncached + cached + written + reasoned,
				},
			};
		case 'gemini':
			return {
				candidates: [{ index: 0, finishReason: finish, content: { role: 'model', parts: [{ text }] } }],
				usageMetadata: {
					promptTokenCount: uncached + cached,
					cachedContentTokenCount: cached,
					candidatesTokenCount: written,
					thoughtsTokenCount: reasoned,
					totalTokenCount: uncached + cached + written + reasoned,
				},
				modelVersion: 'gemini-3.5-flash-lite',
			};
	}
}

function send(
	response: ServerResponse,
	status: number,
	body: unknown,
	headers: Readonly<Record<string, string>> = {},
): void {
	response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
