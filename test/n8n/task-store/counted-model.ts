import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerReply } from '../simulated-providers/reply.ts';

/** One time that a model worked on a task, which a real vendor would charge for. */
export interface Generation {
	readonly taskId: string;
	/** Stands in the answer, so that every generation gives another one. */
	readonly number: number;
	/** The port the call came from. */
	readonly remotePort: number;
	/** `lost`: the caller was gone before it had the answer. */
	state: 'under way' | 'delivered' | 'lost';
}

/**
 * A slow model behind Anthropic's protocol that counts how often it worked on which task. The simulated providers
 * answer at once and all tasks alike; here it matters what is under way when something breaks, and whose answer comes
 * back.
 */
export class CountedModel {
	readonly generations: Generation[] = [];
	private readonly server: Server;
	private readonly latencyMs: number;
	private gate: { readonly opened: Promise<void>; readonly open: () => void } = openGate();

	private constructor(server: Server, latencyMs: number) {
		this.server = server;
		this.latencyMs = latencyMs;
		server.on('request', (request, response) => void this.serve(request, response).catch(() => response.destroy()));
	}

	static async start(latencyMs: number): Promise<CountedModel> {
		const server = createServer();
		await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
		return new CountedModel(server, latencyMs);
	}

	/** What a credential has as base URL. */
	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	/** How a prompt names its task, so that the model can tell whom it works for. */
	static nameInPrompt(taskId: string): string {
		return `[task ${taskId}]`;
	}

	/** No answer leaves until `resume`. */
	hold(): void {
		let open = (): void => undefined;
		const opened = new Promise<void>((resolve) => {
			open = resolve;
		});
		this.gate = { opened, open };
	}

	resume(): void {
		this.gate.open();
	}

	underWay(): readonly Generation[] {
		return this.generations.filter(({ state }) => state === 'under way');
	}

	delivered(): readonly Generation[] {
		return this.generations.filter(({ state }) => state === 'delivered');
	}

	async stop(): Promise<void> {
		this.resume();
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}

	private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
		let body = '';
		for await (const chunk of request.setEncoding('utf8')) body += chunk as string;
		const generation: Generation = {
			taskId: taskIdIn(body),
			number: this.generations.length + 1,
			remotePort: request.socket.remotePort ?? 0,
			state: 'under way',
		};
		this.generations.push(generation);
		response.once('close', () => {
			generation.state = response.writableFinished ? 'delivered' : 'lost';
		});
		await sleep(this.latencyMs);
		await this.gate.opened;
		response.writeHead(200, { 'content-type': 'application/json' });
		response.end(JSON.stringify(answer(request.url ?? '', body, generation)));
	}
}

function openGate() {
	return { opened: Promise.resolve(), open: () => undefined };
}

function taskIdIn(body: string): string {
	const [, taskId] = /\[task ([\w.-]+)\]/.exec(body) ?? [];
	if (taskId === undefined) throw new Error('A call came for no task');
	return taskId;
}

function answer(path: string, body: string, { taskId, number }: Generation): object {
	return {
		...(answerReply('anthropic', path, body) as object),
		content: [{ type: 'text', text: `Answer to ${taskId}, generation ${number}` }],
	};
}
