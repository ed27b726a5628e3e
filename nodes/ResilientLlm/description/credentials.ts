import type { INodeCredentialDescription } from 'n8n-workflow';

import { vendors } from '../providers/vendors';

/** None is required, because it depends on the provider order which ones a run needs. */
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

/** The providers' credentials are only shown for completions, as reviews and reports call no model. */
export const resilientLlmCredentials: INodeCredentialDescription[] = [
	...ofProviders.map((credential) => ({ ...credential, displayOptions: { show: { resource: ['completion'] } } })),
	...ofStores,
];
