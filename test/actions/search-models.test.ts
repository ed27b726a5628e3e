import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { ILoadOptionsFunctions, INode } from 'n8n-workflow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { searchModels } from '../../nodes/ResilientLlm/actions/input/search-models';
import { vendors } from '../../nodes/ResilientLlm/providers/vendors';
import { strictContext } from './strict-context';

const server = createServer((request, response) => {
	const denied = request.headers.authorization !== 'Bearer right';
	const body = denied
		? { error: { message: 'Incorrect API key' } }
		: { data: [{ id: 'zeta' }, { id: 'alpha' }, { id: 'alpha-mini' }] };
	response.writeHead(denied ? 401 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
});
let baseUrl: string;
beforeAll(async () => {
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
});
afterAll(() => server.close());

const url = vendors.openAi.modelPage;

function context(
	provider: unknown,
	apiKey = 'right',
	credentials: INode['credentials'] = { resilientLlmOpenAiApi: { id: '1', name: 'mine' } },
	stored?: object,
) {
	const node = {
		id: '1',
		name: 'Resilient LLM',
		type: 't',
		typeVersion: 1,
		position: [0, 0],
		parameters: {},
		credentials,
	} as INode;
	return strictContext<ILoadOptionsFunctions>({
		getNode: () => node,
		getCurrentNodeParameter: (name) => (name === '&provider' ? (provider as string) : (stored as undefined)),
		getCredentials: async <T extends object>() => ({ apiKey, baseUrl }) as T,
		helpers: strictContext<ILoadOptionsFunctions['helpers']>({ getSecureEgressFilter: undefined as never }),
	});
}

describe('the model list', () => {
	it('holds what the provider of that very entry lists, in order', async () => {
		expect(await searchModels.call(context('openAi'))).toEqual({
			results: ['alpha', 'alpha-mini', 'zeta'].map((id) => ({ name: id, value: id, url })),
		});
	});

	it('can be searched', async () => {
		expect((await searchModels.call(context('openAi'), ' MINI ')).results).toEqual([
			{ name: 'alpha-mini', value: 'alpha-mini', url },
		]);
	});

	it('says what is missing when the provider has no credential', async () => {
		await expect(searchModels.call(context('anthropic'))).rejects.toThrow('Anthropic has no credential');
	});

	it('says what the provider answered when the key is wrong', async () => {
		await expect(searchModels.call(context('openAi', 'wrong'))).rejects.toThrow(
			/OpenAI did not list its models: .*API key/i,
		);
	});

	it('asks for an ID when the provider is an expression', async () => {
		await expect(searchModels.call(context('={{ $json.provider }}'))).rejects.toThrow(
			'the provider is chosen by an expression',
		);
	});

	describe('of an entry that has a model', () => {
		const mine = {
			__rl: true,
			mode: 'list',
			value: 'zeta',
			cachedResultName: 'My Zeta',
			cachedResultUrl: 'https://example.com/zeta',
		};
		const stored = { name: 'My Zeta', value: 'zeta', url: 'https://example.com/zeta' };

		it('holds it just as it is stored', async () => {
			const { results } = await searchModels.call(context('openAi', 'right', undefined, mine));
			expect(results).toEqual([
				stored,
				{ name: 'alpha', value: 'alpha', url },
				{ name: 'alpha-mini', value: 'alpha-mini', url },
			]);
		});

		it('holds it when the provider does not list it, has no credential or denies the key', async () => {
			const unlisted = { ...mine, value: 'omega' };
			const { results } = await searchModels.call(context('openAi', 'right', undefined, unlisted));
			expect(results).toContainEqual({ ...stored, value: 'omega' });
			expect(await searchModels.call(context('anthropic', 'right', undefined, mine))).toEqual({ results: [stored] });
			expect(await searchModels.call(context('openAi', 'wrong', undefined, mine))).toEqual({ results: [stored] });
		});

		it('leaves it out of a search for another, and says why there is no list to search', async () => {
			expect((await searchModels.call(context('openAi', 'right', undefined, mine), 'alpha-')).results).toEqual([
				{ name: 'alpha-mini', value: 'alpha-mini', url },
			]);
			await expect(searchModels.call(context('anthropic', 'right', undefined, mine), 'haiku')).rejects.toThrow(
				'Anthropic has no credential',
			);
		});
	});
});
