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
	stop(): Promise<void>;
}

export async function startTcpProxy(serverPort: number): Promise<TcpProxy> {
	let line: Line = 'up';
	const sockets = new Set<Socket>();

	const server = createServer((client) => {
		keep(client);
		if (line === 'cut') return void client.destroy();
		const upstream = keep(connect(serverPort, '127.0.0.1'));
		client.on('data', (chunk) => (line === 'up' || line === 'deaf') && upstream.write(chunk));
		upstream.on('data', (chunk) => line === 'up' && client.write(chunk));
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
