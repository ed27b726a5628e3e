import type { IAuthenticateGeneric, ICredentialTestRequest, ICredentialType, INodeProperties } from 'n8n-workflow';

export class ResilientLlmGeminiApi implements ICredentialType {
	name = 'resilientLlmGeminiApi';

	displayName = 'Resilient LLM Google Gemini API';

	icon = { light: 'file:gemini.svg', dark: 'file:gemini.dark.svg' } as const;

	documentationUrl = 'https://www.npmjs.com/package/n8n-nodes-resilient-llm#credentials';

	properties: INodeProperties[] = [
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description: 'From Google AI Studio, under API Keys',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://generativelanguage.googleapis.com',
			required: true,
			placeholder: 'e.g. https://generativelanguage.googleapis.com',
			description: 'Address of the API without /v1beta. Change it only for a gateway or a proxy.',
		},
	];

	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: { headers: { 'x-goog-api-key': '={{ $credentials.apiKey }}' } },
	};

	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{ $credentials.baseUrl.replace(/\\/+$/, "") }}',
			url: '/v1beta/models',
			qs: { pageSize: 1 },
		},
	};
}
