import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorReply, fates, type Fate } from './fate.ts';
import { modelList } from './model-lists.ts';
import { answerReply } from './reply.ts';
import { baseUrlOf, endpointOf, vendors, type Vendor } from './vendor.ts';

/** One call that arrived. */
export interface JournalEntry {
	readonly vendor: Vendor;
	readonly fate: Fate;
	readonly method: string;
	/** As the vendor would see it, without our own prefix. */
	readonly path: string;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	readonly body: string;
	/** The port the call came from. */
	readonly remotePort: number;
}

/** No simulated vendor takes it. */
export const wrongKey = 'wrong-key';

/**
 * Five vendors on one loopback port. `/<vendor>/…` answers as `setFate` says, `/<fate>/<vendor>/…` always has that
 * fate, so that several fates can be had at once. aimock speaks the protocols; outages, keys and model lists are made
 * here, because it words most of them differently from the vendors.
 */
export class SimulatedProviders {
	readonly journal: JournalEntry[] = [];
	private readonly fateOf = new Map<Vendor, Fate>();
	private readonly server: Server;

	private constructor(server: Server) {
		this.server = server;
		server.on('request', (request, response) => void this.serve(request, response));
	}

	/** `port` 0 takes any free one. */
	static async start(port = 0): Promise<SimulatedProviders> {
		const server = createServer();
		await new Promise<void>((resolve, reject) => {
			server.once('error', reject);
			server.listen(port, '127.0.0.1', resolve);
		});
		return new SimulatedProviders(server);
	}

	/** The base URL for a credential. Without a fate it is the one that `setFate` decides. */
	baseUrl(vendor: Vendor, fate?: Fate): string {
		return baseUrlOf(vendor, fate ? `${this.url}/${fate}` : this.url);
	}

	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	setFate(vendor: Vendor, fate: Fate): void {
		this.fateOf.set(vendor, fate);
	}

	/** Everyone is well again, and nobody has called. */
	reset(): void {
		this.fateOf.clear();
		this.journal.length = 0;
	}

	/** How often a model of this vendor was called; listing models does not count. */
	callsTo(vendor: Vendor): number {
		return this.journal.filter((entry) => entry.vendor === vendor && entry.method === 'POST').length;
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}

	private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
		try {
			const body = await readBody(request);
			const target = this.targetOf(request.url ?? '/');
			if (!target) return send(response, 404, { error: `No simulated vendor lives at ${request.url ?? '/'}` });
			this.journal.push({
				...target,
				method: request.method ?? '',
				headers: request.headers,
				body,
				remotePort: request.socket.remotePort ?? 0,
			});
			this.meet(target.fate, target.vendor, target.path, request, body, response);
		} catch (error) {
			// Whoever called has gone away, or sent no JSON; neither may take the other vendors down.
			response.destroy(error instanceof Error ? error : undefined);
		}
	}

	private targetOf(url: string): { vendor: Vendor; fate: Fate; path: string } | undefined {
		const [first = '', second = '', ...others] = url.split('/').slice(1);
		const fate = fates.find((known) => known === first);
		const vendor = vendors.find((known) => known === (fate ? second : first));
		if (!vendor) return undefined;
		const path = `/${(fate ? others : [second, ...others]).join('/')}`;
		return { vendor, fate: fate ?? this.fateOf.get(vendor) ?? 'ok', path };
	}

	private meet(
		fate: Fate,
		vendor: Vendor,
		path: string,
		request: IncomingMessage,
		body: string,
		response: ServerResponse,
	): void {
		if (fate === 'hang') return;
		if (fate === 'refuse') return void request.socket.destroy();
		const effective = fate === 'ok' && !takesKey(vendor, request) ? 'unauthorized' : fate;
		if (effective !== 'ok') {
			const error = errorReply(vendor, effective);
			return send(response, error.status, error.body, error.headers);
		}
		const endpoint = endpointOf(vendor, request.method ?? '', path);
		if (endpoint === undefined)
			return send(response, 404, { error: `${vendor} has no ${request.method ?? ''} ${path}` });
		if (endpoint === 'models') return send(response, 200, modelList(vendor));
		send(response, 200, answerReply(vendor, path, body), {
			'request-id': 'req_simulated',
			'x-request-id': 'req_simulated',
		});
	}
}

function takesKey(vendor: Vendor, request: IncomingMessage): boolean {
	const bearer = request.headers.authorization?.replace(/^Bearer /, '');
	const key = vendor === 'gemini' ? request.headers['x-goog-api-key'] : (request.headers['x-api-key'] ?? bearer);
	if (vendor === 'ollama' || vendor === 'compatible') return key !== wrongKey;
	return key !== undefined && key !== '' && key !== wrongKey;
}

async function readBody(request: IncomingMessage): Promise<string> {
	let body = '';
	for await (const chunk of request.setEncoding('utf8')) body += chunk as string;
	return body;
}

function send(
	response: ServerResponse,
	status: number,
	body: unknown,
	headers: Readonly<Record<string, string>> = {},
): void {
	response.writeHead(status, { 'content-type': 'application/json', ...headers });
	response.end(JSON.stringify(body));
}
