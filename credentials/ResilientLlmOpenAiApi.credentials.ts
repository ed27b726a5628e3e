import type { IAuthenticate, ICredentialTestRequest, ICredentialType, INodeProperties } from 'n8n-workflow';

export class ResilientLlmOpenAiApi implements ICredentialType {
	name = 'resilientLlmOpenAiApi';

	displayName = 'Resilient LLM OpenAI API';

	icon = { light: 'file:openAi.svg', dark: 'file:openAi.dark.svg' } as const;

	documentationUrl = 'https://www.npmjs.com/package/n8n-nodes-resilient-llm#credentials';

	properties: INodeProperties[] = [
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description: 'From the OpenAI platform, under API Keys',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://api.openai.com/v1',
			required: true,
			placeholder: 'e.g. https://api.openai.com/v1',
			description: 'Address of the API, with /v1. Change it only for a gateway or a proxy.',
		},
		{
			displayName: 'Organization ID',
			name: 'organization',
			type: 'string',
			default: '',
			placeholder: 'e.g. org-…',
			description: 'Only if your key belongs to more than one organization',
		},
	];

	authenticate: IAuthenticate = async (credentials, request) => {
		const organization = String(credentials.organization ?? '');
		return {
			...request,
			headers: {
				...request.headers,
				Authorization: `Bearer ${String(credentials.apiKey ?? '')}`,
				...(organization === '' ? {} : { 'OpenAI-Organization': organization }),
			},
		};
	};

	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{ $credentials.baseUrl.replace(/\\/+$/, "") }}',
			url: '/models',
		},
	};
}
