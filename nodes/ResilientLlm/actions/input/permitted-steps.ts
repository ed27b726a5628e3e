import type { IExecuteFunctions } from 'n8n-workflow';

import { accessTo, type Access, type CredentialSource } from '../../host/credentials';
import { networkRules } from '../../host/network';
import { type ProviderId, vendors } from '../../providers/vendors';
import type { StepParameters } from './step-parameters';
import { InvalidInput } from '../../tasks/invalid-input';
import { otherOwnerOf } from './model-owner';

/** A step with the credential that permits calling it. */
export interface PermittedStep extends StepParameters {
	readonly access: Extract<Access, { kind: 'granted' }>;
}

type Source = CredentialSource & Pick<IExecuteFunctions, 'helpers'>;

/** Caches the node, because n8n copies it on every `getNode()`. */
export function credentialSource(context: Source): Source {
	const node = context.getNode();
	return {
		getNode: () => node,
		getCredentials: async (type, itemIndex) => await context.getCredentials(type, itemIndex),
		helpers: context.helpers,
	};
}

/**
 * Reads the credentials of the steps. They may contain expressions, so they are read for each item. Throws
 * `InvalidInput` if one is missing or unusable.
 */
export async function permittedSteps(
	source: Source,
	itemIndex: number,
	steps: readonly StepParameters[],
): Promise<readonly PermittedStep[]> {
	const network = networkRules(source.helpers);
	const known = new Map<ProviderId, Access>();
	const permitted: PermittedStep[] = [];
	for (const step of steps) {
		const access = known.get(step.provider) ?? (await accessTo(step.provider, source, network, itemIndex));
		known.set(step.provider, access);
		if (access.kind === 'denied') throw new InvalidInput(`${step.name} ${access.why}`, access.advice);
		refuseForeignModel(step, access.settings.baseUrl);
		permitted.push({ ...step, access });
	}
	return permitted;
}

function refuseForeignModel({ name, provider, settings: { model } }: StepParameters, baseUrl: string): void {
	const owner = otherOwnerOf(model, provider, baseUrl);
	if (owner === undefined) return;
	throw new InvalidInput(
		`${name} asks for ${model}, which is a model of ${vendors[owner].label}`,
		`Choose a model of ${vendors[provider].label} in that step, or set its provider to ${vendors[owner].label}.`,
	);
}
