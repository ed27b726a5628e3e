import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { vendors } from './vendors';
import { reply, startFaultServer, type FaultServer, type SeenRequest } from './fault-server';
import { conversationOf } from '../../nodes/ResilientLlm/engine/conversation';

const login = { user: 'hermes', password: 'winged sandals: 77' };
const basic = `Basic ${Buffer.from('hermes:winged sandals: 77').toString('base64')}`;
const request = {
	content: conversationOf({ prompt: 'Hello', systemMessage: '', attachments: [], output: { kind: 'text' } as const }),
	settings: { model: 'm', maxOutputTokens: 10 },
	dropped: [],
};
const never = new AbortController().signal;

let server: FaultServer;
let seen: SeenRequest[];

beforeAll(async () => (server = await startFaultServer()));
afterAll(async () => await server.close());

describe.each(vendors)('the login of a proxy in front of $name', (vendor) => {
	const create = (apiKey: string) =>
		vendor.create({ apiKey, login, baseUrl: server.url + vendor.basePath, network: {} });

	function serve() {
		seen = [];
		server.answer((one) => {
			seen.push(one);
			return reply(200, one.method === 'GET' ? vendor.models(['a']) : vendor.answer({ text: 'fine' }));
		});
	}

	it('goes along as Basic authentication, with calls and with the list of models', async () => {
		serve();
		const provider = create('');
		expect(await provider.complete(request, never)).toMatchObject({ text: 'fine' });
		await provider.listModels(never);
		expect(seen.map(({ headers }) => headers.authorization)).toEqual([basic, basic]);
	});

	it('never takes the place of the key', async () => {
		serve();
		await create('sk-1234567890abcdef').complete(request, never);
		const [name, value] = vendor.keyHeader;
		const { authorization, ...headers } = seen[0]!.headers;
		expect({ authorization, ...headers }[name]).toBe(value.replace('KEY', 'sk-1234567890abcdef'));
		expect(authorization).toBe(name === 'authorization' ? 'Bearer sk-1234567890abcdef' : basic);
	});

	it('hides no email address in an answer, though it is the name of the user', async () => {
		server.answer(() => reply(200, vendor.answer({ text: 'Write to hermes@olympus.example' })));
		const account = { apiKey: '', login: { user: 'hermes@olympus.example', password: 'x' }, network: {} };
		const provider = vendor.create({ ...account, baseUrl: server.url + vendor.basePath });
		expect(await provider.complete(request, never)).toMatchObject({ text: 'Write to hermes@olympus.example' });
	});

	it('is in nothing that comes back', async () => {
		server.answer((one) =>
			reply(401, { error: { message: `Wrong login: hermes, winged sandals: 77, ${one.headers.authorization}` } }),
		);
		const told = JSON.stringify(await create('').complete(request, never));
		expect(told).toContain('Wrong login');
		for (const secret of ['hermes', 'sandals', basic.slice(6, 20)]) expect(told).not.toContain(secret);
	});
});
