import type { IAuthenticateGeneric, ICredentialTestRequest, ICredentialType, INodeProperties } from 'n8n-workflow';

export class ResilientLlmAnthropicApi implements ICredentialType {
	name = 'resilientLlmAnthropicApi';

	displayName = 'Resilient LLM Anthropic API';

	icon = { light: 'file:anthropic.svg', dark: 'file:anthropic.dark.svg' } as const;

	documentationUrl = 'https://www.npmjs.com/package/n8n-nodes-resilient-llm#credentials';

	properties: INodeProperties[] = [
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description: 'From the Claude Console, under API Keys',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://api.anthropic.com',
			required: true,
			placeholder: 'e.g. https://api.anthropic.com',
			description: 'Address of the API without /v1. Change it only for a gateway or a proxy.',
		},
	];

	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: { headers: { 'x-api-key': '={{ $credentials.apiKey }}' } },
	};

	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{ $credentials.baseUrl.replace(/\\/+$/, "") }}',
			url: '/v1/models',
			qs: { limit: 1 },
			headers: { 'anthropic-version': '2023-06-01' },
		},
	};
}
