import type { IAuthenticate, ICredentialTestRequest, ICredentialType, INodeProperties } from 'n8n-workflow';

export class ResilientLlmOllamaApi implements ICredentialType {
	name = 'resilientLlmOllamaApi';

	displayName = 'Resilient LLM Ollama API';

	icon = { light: 'file:ollama.svg', dark: 'file:ollama.dark.svg' } as const;

	documentationUrl = 'https://www.npmjs.com/package/n8n-nodes-resilient-llm#credentials';

	properties: INodeProperties[] = [
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'http://localhost:11434',
			required: true,
			placeholder: 'e.g. http://localhost:11434',
			description:
				'Address of the Ollama server. From inside Docker, the host machine is usually http://host.docker.internal:11434.',
		},
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description: 'Only if a proxy in front of Ollama, or Ollama Cloud, asks for one',
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
			url: '/api/tags',
		},
	};
}
