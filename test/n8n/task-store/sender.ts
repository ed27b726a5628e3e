import { setTimeout as sleep } from 'node:timers/promises';

/** What the workflow answered to one call. */
export interface Reply {
	readonly executionId: string;
	/** Answered: the model's words. */
	readonly output?: string;
	readonly replayed?: boolean;
	readonly warnings?: readonly string[];
	/** Escalated. */
	readonly reasonCode?: string;
	/** Refused. */
	readonly error?: string;
	readonly details?: string;
}

export interface SentCall {
	readonly taskId: string;
	readonly reply: Reply;
	/** What came back instead of a reply before it: `500`, `timeout`, `ECONNREFUSED`, … */
	readonly failedTries: readonly string[];
}

export interface SendOptions {
	readonly once: boolean;
	/** The sender waits so long for a response, then tries again. */
	readonly timeoutMs: number;
	/** Whether it is time for the next try. */
	readonly beforeTry?: () => Promise<void>;
}

const retryPauseMs = 500;
const givesUpAfterMs = 180_000;

/** Sends one call the way webhook senders do: again, until the workflow replies. */
export async function send(
	webhook: string,
	taskId: string,
	{ once, timeoutMs, beforeTry }: SendOptions,
): Promise<SentCall> {
	const failedTries: string[] = [];
	const startedAt = Date.now();
	for (;;) {
		await beforeTry?.();
		const tried = await tryOnce(webhook, { taskId, once }, timeoutMs);
		if (typeof tried === 'object') return { taskId, reply: tried, failedTries };
		failedTries.push(tried);
		if (Date.now() - startedAt > givesUpAfterMs)
			throw new Error(`Nobody replied to ${taskId}: ${failedTries.join(', ')}`);
		await sleep(retryPauseMs);
	}
}

/** Sends all calls in order, so many at a time. */
export async function sendAll(
	webhook: string,
	taskIds: readonly string[],
	atATime: number,
	options: SendOptions,
): Promise<readonly SentCall[]> {
	const waiting = [...taskIds];
	const sent: SentCall[] = [];
	const sendOnwards = async (): Promise<void> => {
		for (let taskId = waiting.shift(); taskId !== undefined; taskId = waiting.shift())
			sent.push(await send(webhook, taskId, options));
	};
	await Promise.all(Array.from({ length: atATime }, sendOnwards));
	return sent;
}

/** The reply, or why there is none. Only a workflow that ran to its end replies with 200 and an item. */
async function tryOnce(webhook: string, body: object, timeoutMs: number): Promise<Reply | string> {
	try {
		const response = await fetch(webhook, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(body),
			signal: AbortSignal.timeout(timeoutMs),
		});
		const text = await response.text();
		if (!response.ok) return String(response.status);
		return text.startsWith('{') ? (JSON.parse(text) as Reply) : `"${text.slice(0, 50)}"`;
	} catch (error) {
		return nameOf(error);
	}
}

function nameOf(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	if (error.name === 'TimeoutError') return 'timeout';
	const { cause } = error;
	return cause instanceof Error && 'code' in cause ? String(cause.code) : error.message;
}
