import { NodeOperationError, type ILoadOptionsFunctions, type INodeListSearchResult } from 'n8n-workflow';

import { accessTo } from '../host/credentials';
import { networkRules } from '../host/network';
import { loadProvider, providerIds, providerLabels } from '../providers';

/** Nobody waits longer for a list to open. */
const timeoutMs = 20_000;

/** Fills the model list of one provider-order entry from the provider's own endpoint. */
export async function searchModels(this: ILoadOptionsFunctions, filter?: string): Promise<INodeListSearchResult> {
	const chosen = this.getCurrentNodeParameter('&provider') ?? 'anthropic';
	const provider = providerIds.find((id) => id === chosen);
	if (provider === undefined) {
		throw new NodeOperationError(this.getNode(), 'No list: the provider is chosen by an expression', {
			description: 'Enter the model by its ID.',
		});
	}
	const label = providerLabels[provider];
	const access = await accessTo(provider, this, networkRules(this.helpers));
	if (access.kind === 'denied') {
		throw new NodeOperationError(this.getNode(), `${label} ${access.why}`, { description: access.advice });
	}
	const adapter = await loadProvider(provider, access.settings);
	const models = await adapter.listModels(AbortSignal.timeout(timeoutMs));
	if ('kind' in models) {
		throw new NodeOperationError(this.getNode(), `${label} did not list its models: ${models.message}`, {
			description: 'Check the credential, or enter the model by its ID.',
		});
	}
	const wanted = (filter ?? '').trim().toLowerCase();
	return {
		results: models
			.filter(({ id, name }) => `${id} ${name}`.toLowerCase().includes(wanted))
			.map(({ id, name }) => ({ name: name === id ? id : `${name} (${id})`, value: id }))
			.sort((left, right) => left.name.localeCompare(right.name)),
	};
}
