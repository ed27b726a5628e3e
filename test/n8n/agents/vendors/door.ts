import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A port of its own for one vendor of one cell. Once shut, connections to it are refused. */
export class Door {
	readonly port: number;
	private readonly server: Server;

	private constructor(server: Server) {
		this.server = server;
		this.port = (server.address() as AddressInfo).port;
	}

	static async open(listener: RequestListener): Promise<Door> {
		const server = createServer(listener);
		await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
		return new Door(server);
	}

	async shut(): Promise<void> {
		if (!this.server.listening) return;
		const closed = new Promise<void>((resolve) => void this.server.close(() => resolve()));
		this.server.closeAllConnections();
		await closed;
	}
}
