import type { INodeCredentialDescription } from 'n8n-workflow';

import { vendors } from '../providers/vendors';

/** Optional for n8n: which ones a run needs is known only when its provider order is. */
const ofProviders: INodeCredentialDescription[] = Object.values(vendors).map(({ credentialType, label }) => ({
	name: credentialType,
	displayName: label,
}));

const ofStores: INodeCredentialDescription[] = [
	{
		name: 'resilientLlmRedisApi',
		displayName: 'Redis',
		testedBy: 'testRedisStore',
		displayOptions: { show: { taskStore: ['redis'] } },
	},
	{
		name: 'resilientLlmPostgresApi',
		displayName: 'PostgreSQL',
		testedBy: 'testPostgresStore',
		displayOptions: { show: { taskStore: ['postgres'] } },
	},
];

export const chatModelCredentials: INodeCredentialDescription[] = [...ofProviders, ...ofStores];

/** Reviews and reports call no model. */
export const resilientLlmCredentials: INodeCredentialDescription[] = [
	...ofProviders.map((credential) => ({ ...credential, displayOptions: { show: { resource: ['completion'] } } })),
	...ofStores,
];
