import { calculating } from './scripts.ts';
import type { Plan, VendorServer } from './vendor-server.ts';

export const question = { role: 'user', content: calculating.question };
const called = { id: 'call_1', type: 'function', function: { name: 'calculator', arguments: '{"input":"6*7"}' } };
export const firstTurn = [question];
export const secondTurn = [
	...firstTurn,
	{ role: 'assistant', tool_calls: [called] },
	{ role: 'tool', tool_call_id: 'call_1', content: '42' },
];

/** On offer in every request. */
export const tools = [{ type: 'function', function: { name: 'calculator' } }];

let plans = 0;

/** A plan of its own on a server, and how to call OpenAI's Chat Completions under it. */
export async function planned(server: VendorServer, troubles: Plan['troubles'], more: Partial<Plan> = {}) {
	const name = `plan-${plans++}`;
	const { baseUrls, ledgerUrl } = await server.plan(name, { script: calculating, troubles, ...more });
	return {
		name,
		baseUrls,
		ledgerUrl,
		post: async (messages: readonly object[], body: object = {}, signal?: AbortSignal) =>
			await send(`${baseUrls.openai}/chat/completions`, { model: 'gpt-4o-mini', messages, tools, ...body }, {}, signal),
		calls: () => server.journal.filter((call) => call.plan === name),
	};
}

export async function send(
	url: string,
	body: object,
	headers: Readonly<Record<string, string>> = {},
	signal: AbortSignal | null = null,
): Promise<Response> {
	const all = { 'content-type': 'application/json', authorization: 'Bearer key', ...headers };
	return await fetch(url, { method: 'POST', headers: all, body: JSON.stringify(body), signal });
}

/** Reads nothing but the status. */
export async function status(response: Promise<Response>): Promise<number> {
	const { status, body } = await response;
	await body?.cancel();
	return status;
}
