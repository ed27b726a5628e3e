import type { ICredentialType, INodeProperties } from 'n8n-workflow';

export class ResilientLlmRedisApi implements ICredentialType {
	name = 'resilientLlmRedisApi';

	displayName = 'Resilient LLM Redis API';

	icon = { light: 'file:redis.svg', dark: 'file:redis.dark.svg' } as const;

	documentationUrl = 'https://www.npmjs.com/package/n8n-nodes-resilient-llm#task-stores';

	properties: INodeProperties[] = [
		{
			displayName: 'Host',
			name: 'host',
			type: 'string',
			default: 'localhost',
			required: true,
			description: 'Name or address of the Redis server',
		},
		{
			displayName: 'Port',
			name: 'port',
			type: 'number',
			default: 6379,
			description: 'Port of the Redis server',
		},
		{
			displayName: 'User',
			name: 'username',
			type: 'string',
			default: '',
			description: 'Leave empty for the default user',
		},
		{
			displayName: 'Password',
			name: 'password',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description: 'Leave empty if the server asks for none',
		},
		{
			displayName: 'Database',
			name: 'database',
			type: 'number',
			default: 0,
			description: 'Number of the database',
		},
		{
			displayName: 'Name Prefix',
			name: 'prefix',
			type: 'string',
			default: 'n8n-resilient-llm',
			description: 'Begins the name of every key, so that others can share the database',
		},
		{
			displayName: 'SSL',
			name: 'ssl',
			type: 'boolean',
			default: false,
			description: 'Whether to connect over SSL/TLS',
		},
		{
			displayName: 'Ignore SSL Issues',
			name: 'ignoreSslIssues',
			type: 'boolean',
			default: false,
			displayOptions: { show: { ssl: [true] } },
			description: 'Whether to connect even if the certificate of the server cannot be verified',
		},
	];
}
