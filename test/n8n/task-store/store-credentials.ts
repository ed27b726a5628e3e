import { postgresSuperuser } from './store-servers.ts';
import type { Credential, N8nApi } from './n8n-api.ts';

export type Credentials = Readonly<Record<string, Credential>>;

export const redisType = 'resilientLlmRedisApi';
export const postgresType = 'resilientLlmPostgresApi';

/** A credential as a node refers to it. */
export async function modelCredential(api: N8nApi, baseUrl: string): Promise<Credentials> {
	return await create(api, 'resilientLlmAnthropicApi', { apiKey: 'simulated-key', baseUrl });
}

export async function redisCredential(api: N8nApi, port: number): Promise<Credentials> {
	return await create(api, redisType, redisData(port));
}

export async function postgresCredential(api: N8nApi, port: number): Promise<Credentials> {
	return await create(api, postgresType, postgresData(port));
}

export function redisData(port: number) {
	return {
		host: '127.0.0.1',
		port,
		username: '',
		password: '',
		database: 0,
		prefix: 'tasks',
		ssl: false,
		ignoreSslIssues: false,
	};
}

export function postgresData(port: number) {
	return { host: '127.0.0.1', port, ...postgresSuperuser, schema: 'tasks', ssl: false, ignoreSslIssues: false };
}

async function create(api: N8nApi, type: string, data: object): Promise<Credentials> {
	return { [type]: await api.createCredential(type, type, data) };
}
