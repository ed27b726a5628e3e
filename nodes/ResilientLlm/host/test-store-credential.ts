import type { ICredentialTestFunctions, ICredentialsDecrypted, INodeCredentialTestResult } from 'n8n-workflow';

import { connectTaskStore } from './task-stores';

/** The connection tests of the task stores' credentials. Each reads a record, the way a task does. */
export const storeCredentialTests = {
	async testRedisStore(
		this: ICredentialTestFunctions,
		credential: ICredentialsDecrypted,
	): Promise<INodeCredentialTestResult> {
		return await testStore('redis', credential);
	},
	async testPostgresStore(
		this: ICredentialTestFunctions,
		credential: ICredentialsDecrypted,
	): Promise<INodeCredentialTestResult> {
		return await testStore('postgres', credential);
	},
};

async function testStore(
	kind: 'redis' | 'postgres',
	{ data }: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	try {
		const store = await connectTaskStore(kind, data ?? {});
		try {
			await store.get('connection test');
		} finally {
			await store.close();
		}
		return { status: 'OK', message: 'Connection successful' };
	} catch (error) {
		return { status: 'Error', message: error instanceof Error ? error.message : String(error) };
	}
}
