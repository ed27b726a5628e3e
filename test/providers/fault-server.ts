import { createServer, type AddressInfo, type Socket } from 'node:net';
import { STATUS_CODES } from 'node:http';
import { gzipSync } from 'node:zlib';

/** One request as it came over the wire. Header names are lower case. */
export interface SeenRequest {
	readonly method: string;
	/** Path and query. */
	readonly path: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
	/** The whole request, head included, for searching it. */
	readonly raw: string;
}

export interface Reply {
	readonly status: number;
	readonly headers?: Readonly<Record<string, string>>;
	/** An object is sent as JSON. */
	readonly body?: string | Buffer | object;
}

/** What the server does with a request, once it has read all of it. */
export type Behaviour =
	| (Reply & { readonly kind: 'reply' })
	/** Reads the request and never says a word. */
	| { readonly kind: 'silence' }
	/** Announces the whole body, sends the first `sentBytes` of it, then nothing more. */
	| (Reply & { readonly kind: 'stall'; readonly sentBytes: number })
	/** Sends one byte of the body every `everyMs`. */
	| (Reply & { readonly kind: 'drip'; readonly everyMs: number })
	/** Announces the whole body, sends the first `sentBytes` of it, then closes in good order. */
	| (Reply & { readonly kind: 'short'; readonly sentBytes: number })
	/** A TCP reset: before any header, or after `sentBytes` of the body of a reply. */
	| { readonly kind: 'reset'; readonly after?: Reply & { readonly sentBytes: number } }
	/** These very bytes, then the end of the connection. */
	| { readonly kind: 'bytes'; readonly bytes: string | Buffer };

export interface FaultServer {
	/** `http://127.0.0.1:<port>` */
	readonly url: string;
	/** Every request since the last `answer`, in order. */
	readonly requests: readonly SeenRequest[];
	/** Connections accepted since the start; stays at one while a client keeps its connection alive. */
	readonly connections: number;
	/** Sets what every further request gets, and forgets the requests seen so far. */
	answer(behaviour: Behaviour | ((request: SeenRequest) => Behaviour)): void;
	/** Resolves once a request has been read and whatever its behaviour sends at once has left the socket. */
	served(): Promise<SeenRequest>;
	close(): Promise<void>;
}

export function reply(status: number, body?: Reply['body'], headers: Record<string, string> = {}): Behaviour {
	return { kind: 'reply', status, headers, ...(body === undefined ? {} : { body }) };
}

export function redirect(location: string): Behaviour {
	return reply(307, '', { location });
}

export function htmlPage(status = 200): Behaviour {
	return reply(status, '<!doctype html><html><body><h1>Sign in</h1></body></html>', { 'content-type': 'text/html' });
}

const megabyte = 1024 * 1024;

/** An answer with 25 MB of blanks after it: over the 20 MB that one reply may have. */
export function hugeReply(body: object = {}): Behaviour {
	return reply(200, JSON.stringify(body) + ' '.repeat(25 * megabyte));
}

let blanks: Buffer | undefined;

/** An answer in a few hundred kilobytes that unpack to 200 MB. */
export function gzipBomb(body: object = {}): Behaviour {
	blanks ??= gzipSync(Buffer.alloc(200 * megabyte, ' '));
	return reply(200, Buffer.concat([gzipSync(JSON.stringify(body)), blanks]), { 'content-encoding': 'gzip' });
}

/** A provider that misbehaves on the wire as told. Plain TCP, because an HTTP server would mend what we want broken. */
export async function startFaultServer(): Promise<FaultServer> {
	let behave: (request: SeenRequest) => Behaviour = () => ({ kind: 'silence' });
	let requests: SeenRequest[] = [];
	let connections = 0;
	let waiting: Array<(request: SeenRequest) => void> = [];
	const sockets = new Set<Socket>();

	const server = createServer({ noDelay: true }, (socket) => {
		connections += 1;
		sockets.add(socket);
		socket.on('close', () => sockets.delete(socket));
		socket.on('error', () => socket.destroy());
		let unread: Buffer = Buffer.alloc(0);
		socket.on('data', (chunk) => {
			unread = unread.length === 0 ? chunk : Buffer.concat([unread, chunk]);
			for (let next = takeRequest(unread); next; next = takeRequest(unread)) {
				unread = next.rest;
				const { request } = next;
				requests.push(request);
				perform(behave(request), socket, () => {
					const heard = waiting;
					waiting = [];
					for (const hear of heard) hear(request);
				});
			}
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;

	return {
		url: `http://127.0.0.1:${port}`,
		get requests() {
			return requests;
		},
		get connections() {
			return connections;
		},
		answer(behaviour) {
			behave = typeof behaviour === 'function' ? behaviour : () => behaviour;
			requests = [];
		},
		served: async () => await new Promise<SeenRequest>((resolve) => waiting.push(resolve)),
		close: async () =>
			await new Promise<void>((resolve) => {
				server.close(() => resolve());
				for (const socket of sockets) socket.destroy();
			}),
	};
}

function perform(behaviour: Behaviour, socket: Socket, done: () => void): void {
	switch (behaviour.kind) {
		case 'reply': {
			socket.write(Buffer.concat([head(behaviour), bodyOf(behaviour)]), done);
			return;
		}
		case 'silence': {
			setImmediate(done);
			return;
		}
		case 'stall': {
			socket.write(beginning(behaviour), done);
			return;
		}
		case 'drip': {
			const body = bodyOf(behaviour);
			socket.write(head(behaviour), done);
			let at = 0;
			const timer = setInterval(() => {
				if (at >= body.length || socket.destroyed) clearInterval(timer);
				else socket.write(body.subarray(at, ++at));
			}, behaviour.everyMs);
			socket.on('close', () => clearInterval(timer));
			return;
		}
		case 'short': {
			socket.end(beginning(behaviour), done);
			return;
		}
		case 'reset': {
			const reset = () => {
				socket.resetAndDestroy();
				done();
			};
			// A reset overtakes bytes the client has not read yet; one turn of the loop lets it read them.
			if (behaviour.after) socket.write(beginning(behaviour.after), () => setImmediate(reset));
			else reset();
			return;
		}
		case 'bytes': {
			socket.end(behaviour.bytes, done);
			return;
		}
	}
}

function bodyOf(answer: Reply): Buffer {
	const { body = '' } = answer;
	if (Buffer.isBuffer(body)) return body;
	return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

function head(answer: Reply): Buffer {
	const headers: Record<string, string> = {
		'content-type': 'application/json',
		'content-length': String(bodyOf(answer).length),
		...answer.headers,
	};
	const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
	const reason = STATUS_CODES[answer.status] ?? 'Unknown';
	return Buffer.from(`HTTP/1.1 ${answer.status} ${reason}\r\n${lines.join('')}\r\n`, 'latin1');
}

function beginning(answer: Reply & { readonly sentBytes: number }): Buffer {
	return Buffer.concat([head(answer), bodyOf(answer).subarray(0, answer.sentBytes)]);
}

/** The first whole request of `bytes` and what follows it; undefined while it is still coming in. */
function takeRequest(bytes: Buffer): { request: SeenRequest; rest: Buffer } | undefined {
	const headEnd = bytes.indexOf('\r\n\r\n');
	if (headEnd < 0) return undefined;
	const [startLine = '', ...headerLines] = bytes.toString('latin1', 0, headEnd).split('\r\n');
	const [method = '', path = ''] = startLine.split(' ');
	const headers: Record<string, string> = {};
	for (const line of headerLines) {
		const colon = line.indexOf(':');
		headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
	}
	const bodyStart = headEnd + 4;
	const chunked = headers['transfer-encoding'] === 'chunked';
	const body = chunked
		? takeChunks(bytes, bodyStart)
		: takeLength(bytes, bodyStart, Number(headers['content-length'] ?? 0));
	if (!body) return undefined;
	const raw = bytes.toString('utf8', 0, body.end);
	return { request: { method, path, headers, body: body.text, raw }, rest: bytes.subarray(body.end) };
}

function takeLength(bytes: Buffer, start: number, length: number): { text: string; end: number } | undefined {
	const end = start + length;
	return bytes.length < end ? undefined : { text: bytes.toString('utf8', start, end), end };
}

function takeChunks(bytes: Buffer, start: number): { text: string; end: number } | undefined {
	const parts: Buffer[] = [];
	for (let at = start; ;) {
		const lineEnd = bytes.indexOf('\r\n', at);
		if (lineEnd < 0) return undefined;
		const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
		const chunkEnd = lineEnd + 2 + size;
		if (Number.isNaN(size) || bytes.length < chunkEnd + 2) return undefined;
		if (size === 0) return { text: Buffer.concat(parts).toString('utf8'), end: chunkEnd + 2 };
		parts.push(bytes.subarray(lineEnd + 2, chunkEnd));
		at = chunkEnd + 2;
	}
}
