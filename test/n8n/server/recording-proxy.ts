import { createServer, request as forward, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * A forward proxy on loopback that remembers for whom it worked, as `host:port`, and from which of its own ports it
 * called them.
 */
export class RecordingProxy {
	readonly targets: string[] = [];
	readonly onwardPorts = new Set<number>();
	private readonly server: Server;
	private readonly sockets = new Set<Duplex>();

	private constructor(server: Server) {
		this.server = server;
		server.on('connection', (socket) => this.keep(socket));
		// Tunnels: what undici asks for even when the target speaks plain HTTP.
		server.on('connect', (request, socket, head) => {
			const target = new URL(`http://${request.url ?? ''}`);
			this.targets.push(target.host);
			const onward = connect(Number(target.port), target.hostname, () => {
				this.onwardPorts.add(onward.localPort ?? 0);
				socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
				onward.write(head);
				onward.pipe(socket);
				socket.pipe(onward);
			});
			this.keep(onward);
			onward.on('error', () => socket.destroy());
			socket.on('error', () => onward.destroy());
		});
		server.on('request', (request, response) => {
			const target = new URL(request.url ?? '');
			this.targets.push(target.host);
			const onward = forward(target, { method: request.method, headers: request.headers, agent: false }, (answer) => {
				response.writeHead(answer.statusCode ?? 502, answer.headers);
				answer.pipe(response);
			});
			onward.on(
				'socket',
				(socket) => void socket.once('connect', () => void this.onwardPorts.add(socket.localPort ?? 0)),
			);
			onward.on('error', () => response.destroy());
			response.once('close', () => onward.destroy());
			request.pipe(onward);
		});
	}

	static async start(): Promise<RecordingProxy> {
		const server = createServer();
		await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
		return new RecordingProxy(server);
	}

	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	async stop(): Promise<void> {
		for (const socket of this.sockets) socket.destroy();
		await new Promise((resolve) => this.server.close(resolve));
	}

	private keep(socket: Duplex): void {
		this.sockets.add(socket);
		socket.once('close', () => void this.sockets.delete(socket));
	}
}
