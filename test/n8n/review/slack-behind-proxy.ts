import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket, type SecureContext } from 'node:tls';
import { promisify } from 'node:util';
import type { Environment } from '../server/n8n-instance.ts';
import { bodyOf, sendJson } from './json-over-http.ts';

export interface SlackMessage {
	readonly channel: string;
	readonly text?: string;
	readonly blocks?: readonly SlackBlock[];
}

interface SlackBlock {
	readonly type: string;
	readonly text?: { readonly type: string; readonly text: string };
	readonly elements?: readonly {
		readonly type: string;
		readonly url?: string;
		readonly text: string | { readonly type: string; readonly text: string };
	}[];
}

const host = 'slack.com';
/** n8n itself asks its makers for news, whatever runs in it. */
const ofN8n = /(^|\.)n8n\.io:443$/;
const run = promisify(execFile);

/**
 * A forward proxy that opens what is meant for Slack with a certificate of its own and answers it itself. Nothing
 * leaves it.
 */
export class SlackBehindProxy {
	readonly messages: SlackMessage[] = [];
	/** Whom else a node wanted to call, as `host:port`; it could not. */
	readonly refused: string[] = [];
	private readonly proxy = createServer();
	private readonly slack = createServer((request, response) => void this.serve(request, response));
	private readonly sockets = new Set<Duplex>();
	private readonly folder: string;

	private constructor(folder: string, secureContext: SecureContext) {
		this.folder = folder;
		this.proxy.on('request', (request, response) => {
			this.refused.push(request.url ?? '');
			response.writeHead(502).end();
		});
		this.proxy.on('connect', (request, socket, head) => {
			this.sockets.add(socket);
			socket.once('close', () => void this.sockets.delete(socket));
			socket.on('error', () => socket.destroy());
			if (request.url !== `${host}:443`) {
				if (!ofN8n.test(request.url ?? '')) this.refused.push(request.url ?? '');
				socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
				return;
			}
			socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
			if (head.length > 0) socket.unshift(head);
			const opened = new TLSSocket(socket, { isServer: true, secureContext });
			opened.on('error', () => socket.destroy());
			this.slack.emit('connection', opened);
		});
	}

	static async start(): Promise<SlackBehindProxy> {
		const folder = await mkdtemp(join(tmpdir(), 'n8n-nodes-resilient-llm-slack-'));
		const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
		const options = [
			'-newkey',
			'ec',
			'-pkeyopt',
			'ec_paramgen_curve:prime256v1',
			'-nodes',
			'-days',
			'2',
			'-subj',
			`/CN=${host}`,
			'-addext',
			`subjectAltName=DNS:${host}`,
		];
		await run('openssl', ['req', '-x509', ...options, '-keyout', key, '-out', certificate]);
		const fake = new SlackBehindProxy(
			folder,
			createSecureContext({ key: await readFile(key), cert: await readFile(certificate) }),
		);
		await listening(fake.proxy);
		return fake;
	}

	/** What an n8n needs to go through it, and to believe it. */
	get environment(): Environment {
		const { port } = this.proxy.address() as AddressInfo;
		return {
			HTTPS_PROXY: `http://127.0.0.1:${port}`,
			NO_PROXY: '127.0.0.1,localhost',
			NODE_EXTRA_CA_CERTS: join(this.folder, 'certificate.pem'),
		};
	}

	/** For n8n's Slack credential. */
	readonly account = { accessToken: 'slack-token', signatureSecret: '' };

	async stop(): Promise<void> {
		for (const socket of this.sockets) socket.destroy();
		this.proxy.closeAllConnections();
		await new Promise((resolve) => this.proxy.close(resolve));
		await rm(this.folder, { recursive: true, force: true });
	}

	private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const body = await bodyOf(request);
		if (request.headers.authorization !== 'Bearer slack-token')
			return sendJson(response, 200, { ok: false, error: 'invalid_auth' });
		if (request.url !== '/api/chat.postMessage') return sendJson(response, 200, { ok: false, error: 'unknown_method' });
		this.messages.push(JSON.parse(body) as SlackMessage);
		sendJson(response, 200, {
			ok: true,
			channel: 'C1',
			ts: `1790000000.${String(this.messages.length).padStart(6, '0')}`,
			message: { text: 'posted' },
		});
	}
}

async function listening(server: Server): Promise<void> {
	await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
}
