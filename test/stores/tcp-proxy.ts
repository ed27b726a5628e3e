import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** What the line between a client and its server does. */
export type Line =
	| 'up'
	/** Connections break, new ones are closed at once. */
	| 'cut'
	/** Connections stay open, and nothing comes through in either direction. */
	| 'silent'
	/** What the client sends arrives; what the server replies does not. */
	| 'deaf';

/** A TCP line to a server on this machine that can be made to fail. */
export interface TcpProxy {
	readonly port: number;
	/** `deaf` and `silent` hold for open connections as well; they break when the line changes again. */
	become(line: Line): void;
	/**
	 * The replies to the next requests that hold a text do not arrive, while everything else does. The connection breaks,
	 * or stays open and says nothing more.
	 */
	loseReplies(request: Requests): void;
	/** How many replies were lost. */
	readonly lost: number;
	stop(): Promise<void>;
}

export interface Requests {
	readonly holding: string;
	readonly times: number;
	readonly connection: 'breaks' | 'goes silent';
}

export async function startTcpProxy(serverPort: number): Promise<TcpProxy> {
	let line: Line = 'up';
	let losing: Requests = { holding: '', times: 0, connection: 'breaks' };
	let lost = 0;
	const sockets = new Set<Socket>();

	const server = createServer((client) => {
		keep(client);
		if (line === 'cut') return void client.destroy();
		const upstream = keep(connect(serverPort, '127.0.0.1'));
		let losesReply = false;
		client.on('data', (chunk) => {
			if (line !== 'up' && line !== 'deaf') return;
			if (!losesReply && losing.times > 0 && chunk.includes(losing.holding)) {
				losing = { ...losing, times: losing.times - 1 };
				losesReply = true;
			}
			upstream.write(chunk);
		});
		upstream.on('data', (chunk) => {
			if (line !== 'up') return;
			if (!losesReply) return void client.write(chunk);
			lost += 1;
			if (losing.connection === 'breaks') client.resetAndDestroy();
		});
		client.on('close', () => upstream.destroy());
		upstream.on('close', () => client.destroy());
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('No port');

	return {
		port: address.port,
		become(next) {
			if (next === 'cut' || (next === 'up' && line !== 'up')) breakAll();
			line = next;
		},
		loseReplies(requests) {
			losing = requests;
		},
		get lost() {
			return lost;
		},
		async stop() {
			breakAll();
			server.close();
			await once(server, 'close');
		},
	};

	function keep(socket: Socket): Socket {
		sockets.add(socket);
		socket.on('error', () => undefined);
		socket.on('close', () => sockets.delete(socket));
		return socket;
	}

	function breakAll(): void {
		for (const socket of sockets) socket.resetAndDestroy();
	}
}
