import { createServer, type AddressInfo, type Server } from 'node:net';

/** Ports on loopback that nothing listens on right now, all different. */
export async function freePorts(count: number): Promise<number[]> {
	const servers = await Promise.all(Array.from({ length: count }, () => listen(0)));
	const ports = servers.map((server) => (server.address() as AddressInfo).port);
	await Promise.all(servers.map(close));
	return ports;
}

/** `wanted` when nothing listens on it, any free port otherwise. */
export async function freePortLike(wanted: number): Promise<number> {
	try {
		await close(await listen(wanted));
		return wanted;
	} catch {
		const [port] = await freePorts(1);
		return port ?? 0;
	}
}

function listen(port: number): Promise<Server> {
	return new Promise((resolve, reject) => {
		const server = createServer().once('error', reject);
		server.listen(port, '127.0.0.1', () => resolve(server));
	});
}

function close(server: Server): Promise<void> {
	return new Promise((resolve) => server.close(() => resolve()));
}
