import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { connect, type AddressInfo, type LookupFunction } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { failureFrom } from '../../nodes/ResilientLlm/providers/errors/failures';
import {
	maxReplyBytes,
	openExchange,
	type NetworkRules,
	type Received,
} from '../../nodes/ResilientLlm/providers/http/transport';
import { gzipBomb, hugeReply, redirect, reply, startFaultServer, type FaultServer } from './fault-server';

const never = new AbortController().signal;
let server: FaultServer;

beforeAll(async () => {
	server = await startFaultServer();
});
beforeEach(() => {
	for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY']) {
		vi.stubEnv(name, undefined);
		vi.stubEnv(name.toLowerCase(), undefined);
	}
});
afterEach(() => {
	vi.unstubAllEnvs();
});
afterAll(async () => {
	await server.close();
});

async function post(
	url: string,
	{
		network = {},
		signal = never,
		init = {},
	}: { network?: NetworkRules; signal?: AbortSignal; init?: RequestInit } = {},
): Promise<Received | undefined> {
	const exchange = openExchange(network, signal);
	await exchange.fetch(url, { method: 'POST', body: '{}', ...init }).catch(() => undefined);
	return exchange.received;
}

async function listen(answer: RequestListener) {
	const http = createServer(answer);
	await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
	return {
		http,
		url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
		async close() {
			http.closeAllConnections();
			await new Promise((resolve) => http.close(resolve));
		},
	};
}

describe('an exchange', () => {
	it('records the whole reply, and spares the SDK reading a good one again', async () => {
		server.answer(reply(200, { answer: 'ü' }, { 'x-request-id': 'r1', 'content-type': 'application/json' }));
		const exchange = openExchange({}, never);
		const response = await exchange.fetch(server.url, { method: 'POST', body: '{}' });
		expect(response.status).toBe(200);
		expect(await response.json()).toEqual({});
		expect(exchange.received).toMatchObject({
			kind: 'reply',
			status: 200,
			text: '{"answer":"ü"}',
			json: { answer: 'ü' },
		});
		expect((exchange.received as { headers: Headers }).headers.get('x-request-id')).toBe('r1');
	});

	it('is good for one request only, so that nothing can retry behind its back', async () => {
		server.answer(reply(500, 'broken'));
		const exchange = openExchange({}, never);
		expect((await exchange.fetch(server.url)).status).toBe(500);
		await expect(exchange.fetch(server.url)).rejects.toThrow('one request');
		expect(server.requests).toHaveLength(1);
	});

	it.each([401, 407, 421, 503])('sends a request that got %i no second time', async (status) => {
		server.answer(reply(status, '{}', { 'www-authenticate': 'Basic' }));
		expect(await post(server.url)).toMatchObject({ kind: 'reply', status });
		expect(server.requests).toHaveLength(1);
	});

	it('keeps its connection for the next call', async () => {
		const own = await startFaultServer();
		own.answer(reply(200, '{}'));
		for (let call = 0; call < 20; call += 1) await post(own.url);
		// A call that starts in the very moment the one before ends finds its connection still taken.
		expect(own.connections).toBeLessThanOrEqual(2);
		await own.close();
	});

	it('notices when the server has closed an idle connection', async () => {
		const own = await listen((_request, response) => response.end('{}'));
		await post(own.url);
		own.http.closeAllConnections();
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect(await post(own.url)).toMatchObject({ kind: 'reply', status: 200 });
		await own.close();
	});

	it('ends when its signal fires, and knows no error of its own then', async () => {
		server.answer({ kind: 'silence' });
		const reason = new Error('cancelled by the user');
		const controller = new AbortController();
		const call = post(server.url, { signal: controller.signal });
		await server.served();
		controller.abort(reason);
		expect(await call).toEqual({ kind: 'broken', error: reason, status: undefined });
	});

	it('ends when the signal of its caller fires', async () => {
		server.answer({ kind: 'silence' });
		const controller = new AbortController();
		const call = post(server.url, { init: { signal: controller.signal } });
		await server.served();
		controller.abort();
		expect(await call).toMatchObject({ kind: 'broken' });
	});

	it('covers the body with its signal, and still knows the status', async () => {
		server.answer({ kind: 'stall', status: 200, body: { answer: 'long' }, sentBytes: 3 });
		const controller = new AbortController();
		const call = post(server.url, { signal: controller.signal });
		await server.served();
		setTimeout(() => controller.abort(), 50);
		expect(await call).toMatchObject({ kind: 'broken', status: 200 });
	});
});

describe('the size of a reply', () => {
	it('may be 20 MB, and not a byte more', async () => {
		server.answer(reply(200, 'x'.repeat(maxReplyBytes)));
		expect(await post(server.url)).toMatchObject({ kind: 'reply', status: 200 });
		server.answer(reply(200, 'x'.repeat(maxReplyBytes + 1)));
		expect(await post(server.url)).toEqual({ kind: 'oversize', status: 200 });
	});

	it('is refused at 25 MB, and as a gzip bomb', async () => {
		server.answer(hugeReply());
		expect(await post(server.url)).toEqual({ kind: 'oversize', status: 200 });
		server.answer(gzipBomb());
		expect(await post(server.url)).toEqual({ kind: 'oversize', status: 200 });
	});

	it('is watched while it arrives: an endless reply is cut off', async () => {
		let close: () => void = () => undefined;
		const closed = new Promise<void>((resolve) => {
			close = resolve;
		});
		let sent = 0;
		const endless = await listen((_request, response) => {
			const chunk = Buffer.alloc(1024 * 1024, 'x');
			const send = (): void => {
				while (!response.destroyed && response.write(chunk)) sent += 1;
				sent += 1;
			};
			response.on('drain', send).on('close', () => close());
			send();
		});
		expect(await post(endless.url)).toEqual({ kind: 'oversize', status: 200 });
		await closed;
		expect(sent).toBeLessThan(64);
		await endless.close();
	});
});

describe('a compressed reply', () => {
	const text = JSON.stringify({ answer: 'x'.repeat(1000) });

	it.each([
		['gzip', gzipSync(text)],
		['x-gzip', gzipSync(text)],
		['deflate', deflateSync(text)],
		['br', brotliCompressSync(text)],
		['zstd', zstdCompressSync(text)],
		['GZIP', gzipSync(text)],
		['br, gzip', gzipSync(brotliCompressSync(text))],
		['identity', Buffer.from(text)],
	])('is unpacked: %s', async (encoding, body) => {
		server.answer(reply(200, body, { 'content-encoding': encoding }));
		expect(await post(server.url)).toMatchObject({ kind: 'reply', text });
	});

	it('is unpacked four times and no more: each packing takes memory of its own', async () => {
		const packed = [0, 1, 2, 3].reduce((body) => gzipSync(body), Buffer.from(text));
		server.answer(reply(200, packed, { 'content-encoding': 'gzip, gzip, gzip, gzip' }));
		expect(await post(server.url)).toMatchObject({ kind: 'reply', text });

		server.answer(reply(200, gzipSync(packed), { 'content-encoding': Array(5).fill('gzip').join() }));
		const settings = { apiKey: '', baseUrl: server.url, network: {} };
		const failure = failureFrom(await post(server.url), undefined, { settings });
		expect(failure).toMatchObject({
			reason: 'bad_response',
			message: expect.stringMatching(/cannot be unpacked/) as string,
		});
	});

	it('that is none counts as a bad response', async () => {
		server.answer(reply(200, 'this is not gzip', { 'content-encoding': 'gzip' }));
		const received = await post(server.url);
		const settings = { apiKey: '', baseUrl: server.url, network: {} };
		expect(failureFrom(received, undefined, { settings })).toMatchObject({ reason: 'bad_response', httpStatus: 200 });
	});
});

describe('a redirect', () => {
	it('is not followed; only its host is kept', async () => {
		server.answer(redirect('https://elsewhere.example/login?key=secret'));
		const received = await post(server.url, { init: { headers: { authorization: 'Bearer secret' } } });
		expect(received).toEqual({ kind: 'redirect', status: 307, host: 'elsewhere.example' });
		const settings = { apiKey: 'secret', baseUrl: server.url, network: {} };
		expect(failureFrom(received, undefined, { settings }).message).toMatch(/redirects to elsewhere\.example;/);
	});
});

describe('the host’s rules', () => {
	it('are asked about the very URL before anything is sent', async () => {
		server.answer(reply(200, '{}'));
		const refuse = vi.fn(async () => await Promise.resolve('not on the list'));
		expect(await post(`${server.url}/v1/chat`, { network: { refuse } })).toEqual({
			kind: 'refused',
			why: 'not on the list',
		});
		expect(refuse).toHaveBeenCalledWith(new URL(`${server.url}/v1/chat`));
		expect(server.requests).toHaveLength(0);
	});

	it('let through what they do not refuse', async () => {
		server.answer(reply(200, '{}'));
		expect(await post(server.url, { network: { refuse: async () => await Promise.resolve(undefined) } })).toMatchObject(
			{ status: 200 },
		);
	});

	it('may take no longer than the signal allows', async () => {
		const refuse = async (): Promise<undefined> => await new Promise(() => undefined);
		expect(await post(server.url, { network: { refuse }, signal: AbortSignal.timeout(30) })).toMatchObject({
			kind: 'broken',
		});
	});

	it('that cannot be asked stop the call', async () => {
		server.answer(reply(200, '{}'));
		const error = Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' });
		const received = await post(server.url, { network: { refuse: async () => await Promise.reject(error) } });
		expect(received).toEqual({ kind: 'broken', error, status: undefined });
		expect(server.requests).toHaveLength(0);
	});

	it.each(['file:///etc/passwd', 'ftp://127.0.0.1/x', 'data:text/plain,x', 'nonsense'])('allow no %s', async (url) => {
		expect(await post(url)).toMatchObject({ kind: 'refused' });
	});

	it('look the host name up at connect time', async () => {
		server.answer(reply(200, '{}'));
		const lookup = vi.fn<LookupFunction>((_name, options, done) => {
			if (options.all === true) done(null, [{ address: '127.0.0.1', family: 4 }]);
			else done(null, '127.0.0.1', 4);
		});
		const { port } = new URL(server.url);
		expect(await post(`http://models.internal.example:${port}/`, { network: { lookup } })).toMatchObject({
			status: 200,
		});
		expect(lookup.mock.calls[0]?.[0]).toBe('models.internal.example');
	});

	it('may forbid the address that a name leads to', async () => {
		const blocked = Object.assign(new Error('The request was blocked'), { name: 'SsrfBlockedIpError' });
		const lookup: LookupFunction = (_name, _options, done) => done(blocked, '', undefined);
		const baseUrl = 'http://rebound.example/';
		const network = { lookup };
		const failure = failureFrom(await post(baseUrl, { network }), undefined, {
			settings: { apiKey: '', baseUrl },
		});
		expect(failure).toMatchObject({ reason: 'permission_denied' });
		expect(failure.message).toContain('N8N_SSRF_ALLOWED_HOSTNAMES');
	});
});

describe('proxies', () => {
	let proxy: Awaited<ReturnType<typeof listen>>;
	const forwarded: IncomingMessage[] = [];
	const tunnelled: IncomingMessage[] = [];

	beforeAll(async () => {
		proxy = await listen((request, response) => {
			forwarded.push(request);
			request.resume().on('end', () => response.end('{"through":"proxy"}'));
		});
		proxy.http.on('connect', (request, socket) => {
			tunnelled.push(request);
			const target = new URL(`http://${request.url}`);
			const upstream = connect(Number(target.port), '127.0.0.1', () => {
				socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
				upstream.pipe(socket).pipe(upstream);
			});
			upstream.on('error', () => socket.destroy());
			socket.on('error', () => upstream.destroy());
		});
	});
	beforeEach(() => {
		forwarded.length = 0;
		tunnelled.length = 0;
		server.answer(reply(200, '{"through":"nothing"}'));
	});
	afterAll(async () => {
		await proxy.close();
	});

	it.each(['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'])(
		'%s carries calls to http addresses',
		async (name) => {
			vi.stubEnv(name, proxy.url);
			expect(await post('http://models.example/v1')).toMatchObject({ json: { through: 'proxy' } });
			expect(forwarded[0]?.url).toBe('http://models.example/v1');
		},
	);

	it('HTTPS_PROXY opens a tunnel for https addresses', async () => {
		vi.stubEnv('HTTPS_PROXY', proxy.url);
		const { port } = new URL(proxy.url);
		expect(await post(`https://models.example:${port}/v1`)).toMatchObject({ kind: 'broken' });
		expect(tunnelled[0]?.url).toBe(`models.example:${port}`);
		expect(tunnelled[0]?.headers['authorization']).toBeUndefined();
	});

	it('HTTP_PROXY leaves https addresses alone', async () => {
		vi.stubEnv('HTTP_PROXY', proxy.url);
		const plain = await listen((_request, response) => response.end());
		const settings = { apiKey: '', baseUrl: plain.url.replace('http:', 'https:'), network: {} };
		const failure = failureFrom(await post(settings.baseUrl), undefined, { settings });
		expect(failure).toMatchObject({ reason: 'network', message: expect.stringContaining('does not speak TLS') });
		await plain.close();
		expect([...forwarded, ...tunnelled]).toEqual([]);
	});

	it.each(['127.0.0.1', '*', 'other.example,127.0.0.1'])('NO_PROXY=%s is called directly', async (exempt) => {
		vi.stubEnv('HTTP_PROXY', proxy.url);
		vi.stubEnv('NO_PROXY', exempt);
		expect(await post(server.url)).toMatchObject({ json: { through: 'nothing' } });
		expect(forwarded).toEqual([]);
	});

	it('are looked up for every call', async () => {
		expect(await post(server.url)).toMatchObject({ json: { through: 'nothing' } });
		vi.stubEnv('HTTP_PROXY', proxy.url);
		expect(await post(server.url)).toMatchObject({ json: { through: 'proxy' } });
		vi.stubEnv('HTTP_PROXY', undefined);
		expect(await post(server.url)).toMatchObject({ json: { through: 'nothing' } });
	});

	it('get their own password', async () => {
		vi.stubEnv('HTTP_PROXY', proxy.url.replace('//', '//user:pass%21@'));
		await post('http://models.example/');
		expect(forwarded[0]?.headers['proxy-authorization']).toBe(`Basic ${Buffer.from('user:pass!').toString('base64')}`);
	});

	it('are used with the host’s lookup set, which is for direct connections; its refusal holds all the same', async () => {
		vi.stubEnv('HTTP_PROXY', proxy.url);
		const lookup = vi.fn<LookupFunction>();
		expect(await post('http://models.example/', { network: { lookup } })).toMatchObject({ json: { through: 'proxy' } });
		expect(lookup).not.toHaveBeenCalled();
		const refuse = async (): Promise<string> => await Promise.resolve('no');
		expect(await post('http://models.example/', { network: { refuse } })).toMatchObject({ kind: 'refused' });
	});

	it('that want a login, are gone or are no URL give a failure that says so', async () => {
		const settings = { apiKey: '', baseUrl: 'https://models.example/', network: {} };
		const messageFor = async (address: string): Promise<string> => {
			vi.stubEnv('HTTPS_PROXY', address);
			const failure = failureFrom(await post(settings.baseUrl), undefined, { settings });
			expect(failure.reason).toBe('network');
			return failure.message;
		};
		const strict = await listen(() => undefined);
		strict.http.on('connect', (_request, socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'));
		expect(await messageFor(strict.url)).toMatch(/proxy .* \(HTTP 407\)/);
		await strict.close();
		expect(await messageFor(strict.url)).toMatch(/refuses the connection/);
		expect(await messageFor('http://:bad:')).toMatch(/proxy .* not a URL/);
	});
});
