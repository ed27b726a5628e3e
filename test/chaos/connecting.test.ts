import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { vendors } from '../providers/vendors';
import { conversationOf } from '../../nodes/ResilientLlm/engine/conversation';

/** Takes connections and says nothing, so that a TLS handshake with it never ends. */
let server: Server;
const sockets = new Set<Socket>();
let heard = 0;
let baseUrl: string;

beforeAll(async () => {
	server = createServer((socket) => {
		sockets.add(socket);
		socket.on('data', () => (heard += 1)).on('error', () => socket.destroy());
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	baseUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
	for (const socket of sockets) socket.destroy();
	server.close();
});

it.each(vendors)('$name: a call ends with its signal while its connection is still being opened', async (vendor) => {
	const provider = vendor.create({ apiKey: '', baseUrl: `${baseUrl}${vendor.basePath}`, network: {} });
	const content = conversationOf({ prompt: 'hello', systemMessage: '', attachments: [], output: { kind: 'text' } });
	const controller = new AbortController();
	const before = heard;
	const calls = [
		provider.complete(
			{ content, settings: { model: vendor.model, maxOutputTokens: 10 }, dropped: [] },
			controller.signal,
		),
		provider.listModels(controller.signal),
	];
	await expect.poll(() => heard, { timeout: 5000 }).toBeGreaterThanOrEqual(before + 2);
	const start = performance.now();
	controller.abort();
	expect(await Promise.all(calls)).toMatchObject([{ kind: 'failure' }, { kind: 'failure' }]);
	expect(performance.now() - start).toBeLessThan(1000);
});
