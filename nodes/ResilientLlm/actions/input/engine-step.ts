import type { Step } from '../../engine/task';
import { targetOf } from '../../host/credentials';
import { pooledProvider } from '../../host/provider-pool';
import { vendors } from '../../providers/vendors';
import { costAt, type PriceList } from '../../tasks/prices';
import type { PermittedStep } from './permitted-steps';

/** Converts a step to the form the engine runs: with its provider, its prices and the key of its circuit breaker. */
export function engineStep(step: PermittedStep, prices: PriceList): Step {
	const { provider, settings, access, ownPrice } = step;
	const { baseUrl } = access.settings;
	const seller = { provider, baseUrl };
	const contextWindow = settings.contextWindow ?? prices.contextWindow(seller, settings.model);
	return {
		provider,
		label: vendors[provider].label,
		target: targetOf(access.identity, settings.model),
		settings: { ...settings, ...(contextWindow !== undefined && { contextWindow }) },
		maxAttempts: step.maxAttempts,
		attemptTimeoutMs: step.attemptTimeoutMs,
		complete: pooledProvider(provider, access.settings, access.identity).complete,
		price: (usage, servedModel) =>
			ownPrice === undefined
				? prices.costUsd(seller, servedModel, usage)
				: costAt({ ...ownPrice, cachedInput: ownPrice.input }, usage),
	};
}
