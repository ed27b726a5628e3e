/** One piece of a streamed reply. */
export interface Piece {
	/** Since the call was sent. */
	readonly afterMs: number;
	readonly type: string;
	readonly content: string;
}

/** What the caller of a workflow got to read. */
export interface Heard {
	/** Undefined when nothing came before the limit. */
	readonly status: number | undefined;
	/** The whole body, as it came. */
	readonly body: string;
	/** Of a streamed reply. */
	readonly pieces: readonly Piece[];
	/** Whether the reply came to its end within the limit. */
	readonly ended: boolean;
	readonly seconds: number;
}

/** Calls a workflow and reads its reply to the end, or until the limit. */
export async function heard(url: string, body: object, streamed: boolean, limitMs: number): Promise<Heard> {
	const startedAt = performance.now();
	const limit = AbortSignal.timeout(limitMs);
	const pieces: Piece[] = [];
	let status: number | undefined;
	let text = '';
	let read = 0;
	let ended = false;
	try {
		const headers = { 'content-type': 'application/json' };
		const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal: limit });
		status = response.status;
		const decoder = new TextDecoder();
		const chunks = response.body as unknown as AsyncIterable<Uint8Array>;
		for await (const chunk of chunks) {
			text += decoder.decode(chunk, { stream: true });
			if (streamed) takeLines();
		}
		ended = true;
	} catch (error) {
		if (!limit.aborted) throw error;
	}
	return { status, body: text, pieces, ended, seconds: (performance.now() - startedAt) / 1000 };

	/** n8n streams one JSON object a line. */
	function takeLines(): void {
		for (let end = text.indexOf('\n', read); end >= 0; end = text.indexOf('\n', read)) {
			const line = text.slice(read, end);
			read = end + 1;
			if (!line.startsWith('{')) continue;
			const { type, content } = JSON.parse(line) as { readonly type: string; readonly content?: string };
			pieces.push({ afterMs: performance.now() - startedAt, type, content: content ?? '' });
		}
	}
}
