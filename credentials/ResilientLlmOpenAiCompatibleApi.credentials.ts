import type { IAuthenticate, ICredentialTestRequest, ICredentialType, INodeProperties } from 'n8n-workflow';

export class ResilientLlmOpenAiCompatibleApi implements ICredentialType {
	name = 'resilientLlmOpenAiCompatibleApi';

	displayName = 'Resilient LLM OpenAI-Compatible API';

	icon = { light: 'file:openAiCompatible.svg', dark: 'file:openAiCompatible.dark.svg' } as const;

	documentationUrl = 'https://www.npmjs.com/package/n8n-nodes-resilient-llm#credentials';

	properties: INodeProperties[] = [
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. https://openrouter.ai/api/v1',
			description:
				'Address of any server that speaks the OpenAI Chat Completions API (vLLM, LM Studio, Groq, OpenRouter, …), usually ending in /v1',
		},
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description: 'Leave empty if the server asks for none',
		},
	];

	authenticate: IAuthenticate = async (credentials, request) => {
		const apiKey = String(credentials.apiKey ?? '');
		if (apiKey === '') return request;
		return { ...request, headers: { ...request.headers, Authorization: `Bearer ${apiKey}` } };
	};

	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{ $credentials.baseUrl.replace(/\\/+$/, "") }}',
			url: '/models',
		},
	};
}
