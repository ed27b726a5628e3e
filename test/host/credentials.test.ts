import type { ICredentialDataDecryptedObject, INode } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';

import { accessTo, type CredentialSource } from '../../nodes/ResilientLlm/host/credentials';
import { type ProviderId, vendors } from '../../nodes/ResilientLlm/providers/vendors';

async function access(provider: ProviderId, data: ICredentialDataDecryptedObject) {
	const { credentialType: type } = vendors[provider];
	const node = { credentials: { [type]: { id: '1', name: 'one' } } } as unknown as INode;
	const source: CredentialSource = { getNode: () => node, getCredentials: async () => await Promise.resolve(data) };
	return await accessTo(provider, source, {});
}

describe('a user name and a password in a base URL', () => {
	it.each<[ProviderId, string]>([
		['ollama', ''],
		['openAiCompatible', ''],
		['anthropic', 'sk-1'],
		['gemini', 'AIza'],
	])('become the login of %s', async (provider, apiKey) => {
		expect(
			await access(provider, { apiKey, baseUrl: 'https://hermes:winged%20sandals%3A%2077@models.example/v1' }),
		).toMatchObject({
			kind: 'granted',
			settings: {
				apiKey,
				baseUrl: 'https://models.example/v1',
				login: { user: 'hermes', password: 'winged sandals: 77' },
			},
		});
	});

	it.each<[ProviderId, RegExp]>([
		['ollama', /^Take them out of Base URL in the "Resilient LLM Ollama" credential, or leave API Key empty\.$/],
		['openAiCompatible', /, or leave API Key empty\.$/],
		['openAi', /^Take them out of Base URL in the "Resilient LLM OpenAI" credential\.$/],
	])('are refused where the key of %s goes into the same header', async (provider, advice) => {
		const denied = await access(provider, { apiKey: 'sk-1', baseUrl: 'https://hermes:sandals@models.example/v1' });
		expect(denied).toEqual({
			kind: 'denied',
			why: 'has a user name and a password in its base URL besides its API key, and both would go into the same header',
			advice: expect.stringMatching(advice) as string,
		});
	});

	it('may be one of the two, and may hold what is no percent-encoding', async () => {
		expect(await access('ollama', { apiKey: '', baseUrl: 'http://token@host:11434' })).toMatchObject({
			settings: { login: { user: 'token', password: '' } },
		});
		expect(await access('ollama', { apiKey: '', baseUrl: 'http://a:100%@host:11434' })).toMatchObject({
			settings: { login: { password: '100%' } },
		});
	});

	it('are none where there are none', async () => {
		const granted = await access('ollama', { apiKey: '', baseUrl: 'http://host:11434/' });
		expect(granted).toMatchObject({ settings: { baseUrl: 'http://host:11434/' } });
		expect(granted.kind === 'granted' && granted.settings).not.toHaveProperty('login');
	});

	it('make another account of it, as far as the circuit breaker goes', async () => {
		const identities = await Promise.all(
			['http://host', 'http://a:b@host', 'http://a:c@host'].map(async (baseUrl) => {
				const granted = await access('ollama', { apiKey: '', baseUrl });
				return granted.kind === 'granted' ? granted.identity : '';
			}),
		);
		expect(new Set(identities).size).toBe(3);
	});
});
