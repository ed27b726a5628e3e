import {
	NodeOperationError,
	type ILoadOptionsFunctions,
	type INodeListSearchItems,
	type INodeListSearchResult,
} from 'n8n-workflow';

import { accessTo } from '../../host/credentials';
import { networkRules } from '../../host/network';
import { nodeVersionProblem } from '../../host/node-version';
import { loadProvider, providerIds, vendors } from '../../providers/vendors';

/** Time limit for loading the list: the user is waiting for it to open. */
const timeoutMs = 20_000;

/**
 * Loads the model list of one provider-order entry from the provider.
 *
 * The returned list always contains the entry's stored model exactly as stored, even if nothing else can be listed. The
 * reason: when a credential changes, n8n reloads the lists of all entries. It clears an entry whose model is missing
 * from its list, and clears all other entries too as soon as the list changes anything of a stored entry, such as its
 * URL.
 */
export async function searchModels(this: ILoadOptionsFunctions, filter?: string): Promise<INodeListSearchResult> {
	const wanted = (filter ?? '').trim().toLowerCase();
	const stored = storedModel(this);
	const listed = await listModels(this);
	if (!Array.isArray(listed)) {
		if (stored === undefined || wanted !== '') throw listed;
		return { results: [stored] };
	}
	const others = listed
		.filter(({ value }) => value !== stored?.value)
		.filter(({ name }) => name.toLowerCase().includes(wanted))
		.sort((left, right) => left.name.localeCompare(right.name));
	const storedIsWanted = stored !== undefined && `${stored.name} ${stored.value}`.toLowerCase().includes(wanted);
	return { results: storedIsWanted ? [stored, ...others] : others };
}

async function listModels(context: ILoadOptionsFunctions): Promise<INodeListSearchItems[] | NodeOperationError> {
	const problem = nodeVersionProblem();
	if (problem !== undefined) return new NodeOperationError(context.getNode(), problem);
	const chosen = context.getCurrentNodeParameter('&provider') ?? 'anthropic';
	const provider = providerIds.find((id) => id === chosen);
	if (provider === undefined) {
		return new NodeOperationError(context.getNode(), 'No list: the provider is chosen by an expression', {
			description: 'Enter the model by its ID.',
		});
	}
	const label = vendors[provider].label;
	const access = await accessTo(provider, context, networkRules(context.helpers));
	if (access.kind === 'denied') {
		return new NodeOperationError(context.getNode(), `${label} ${access.why}`, { description: access.advice });
	}
	const adapter = await loadProvider(provider, access.settings);
	const models = await adapter.listModels(AbortSignal.timeout(timeoutMs));
	if ('kind' in models) {
		return new NodeOperationError(context.getNode(), `${label} did not list its models: ${models.message}`, {
			description: 'Check the credential, or enter the model by its ID.',
		});
	}
	return models.map(({ id, name }) => ({
		name: name === id ? id : `${name} (${id})`,
		value: id,
		url: vendors[provider].modelPage,
	}));
}

/** The model that is stored in the entry, as a list item. */
function storedModel(context: ILoadOptionsFunctions): (INodeListSearchItems & { value: string }) | undefined {
	const parameter = context.getCurrentNodeParameter('&model') as
		{ value?: unknown; cachedResultName?: string; cachedResultUrl?: string } | undefined;
	if (typeof parameter?.value !== 'string' || parameter.value === '') return undefined;
	return {
		value: parameter.value,
		name: parameter.cachedResultName || parameter.value,
		...(parameter.cachedResultUrl ? { url: parameter.cachedResultUrl } : {}),
	};
}
