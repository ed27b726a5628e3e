import type { ICredentialType, INodeProperties } from 'n8n-workflow';

export class ResilientLlmPostgresApi implements ICredentialType {
	name = 'resilientLlmPostgresApi';

	displayName = 'Resilient LLM PostgreSQL API';

	icon = { light: 'file:postgres.svg', dark: 'file:postgres.dark.svg' } as const;

	documentationUrl = 'https://www.npmjs.com/package/n8n-nodes-resilient-llm#task-stores';

	properties: INodeProperties[] = [
		{
			displayName: 'Host',
			name: 'host',
			type: 'string',
			default: 'localhost',
			required: true,
			description: 'Name or address of the PostgreSQL server',
		},
		{
			displayName: 'Port',
			name: 'port',
			type: 'number',
			default: 5432,
			description: 'Port of the PostgreSQL server',
		},
		{
			displayName: 'Database',
			name: 'database',
			type: 'string',
			default: 'postgres',
			required: true,
			description: 'Name of the database',
		},
		{
			displayName: 'User',
			name: 'user',
			type: 'string',
			default: 'postgres',
			required: true,
			description: 'The user needs the right to create a table in the schema',
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
			displayName: 'Schema',
			name: 'schema',
			type: 'string',
			default: 'public',
			description: 'Where the one table of the store is kept. Created when it is missing.',
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
