import { createHash } from 'node:crypto';

import * as workflow from 'n8n-workflow';
import type { ICredentialDataDecryptedObject, INode } from 'n8n-workflow';

import { credentialLabelOf, vendors, type Login, type ProviderId } from '../providers/vendors';
import type { NetworkRules, ProviderSettings } from '../providers/http/transport';

/**
 * The part of n8n's contexts that reads credentials. It is the same while a node executes and while it loads options of
 * a parameter.
 */
export interface CredentialSource {
	getNode(): INode;
	getCredentials(type: string, itemIndex?: number): Promise<ICredentialDataDecryptedObject>;
}

export type Access =
	| {
			readonly kind: 'granted';
			readonly settings: ProviderSettings;
			/**
			 * Identifies the account: a hash of provider, base URL, credential and key, from which none of them can be read.
			 */
			readonly identity: string;
	  }
	| { readonly kind: 'denied'; readonly why: string; readonly advice: string };

/** Reads the credential that the node has for a provider, and checks that it can be used. */
export async function accessTo(
	provider: ProviderId,
	source: CredentialSource,
	network: NetworkRules,
	itemIndex?: number,
): Promise<Access> {
	const { credentialType: type, keyIsOptional, keyHasOwnHeader } = vendors[provider];
	const label = credentialLabelOf(provider);
	const node = source.getNode();
	if (node.credentials?.[type] === undefined) {
		return denied(
			`has no credential`,
			`Choose or create a "${label}" credential in this node, or take ${vendors[provider].label} out of the provider order.`,
		);
	}
	const credential = await readCredential(source, type, itemIndex);
	if ('why' in credential)
		return denied(
			`has a credential that cannot be read: ${credential.why}`,
			`Open the "${label}" credential and save it again.`,
		);

	const baseUrl = textOf(credential.data.baseUrl);
	const apiKey = textOf(credential.data.apiKey);
	const organization = textOf(credential.data.organization);
	const address = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
	if (address?.protocol !== 'https:' && address?.protocol !== 'http:') {
		return denied(
			'has a base URL that is not an http(s) address',
			`Correct Base URL in the "${label}" credential: it must start with https:// or http://.`,
		);
	}
	if (apiKey === '' && !keyIsOptional) {
		return denied('has no API key', `Enter the API key in the "${label}" credential.`);
	}
	const login = loginIn(address);
	if (login !== undefined && apiKey !== '' && !keyHasOwnHeader) {
		return denied(
			'has a user name and a password in its base URL besides its API key, and both would go into the same header',
			`Take them out of Base URL in the "${label}" credential${orLeaveKeyOut(provider)}.`,
		);
	}
	const restriction = restrictionAgainst(baseUrl, credential.data, node);
	if (restriction !== undefined) {
		return denied(
			`may not call its base URL: ${restriction}`,
			`Correct Allowed Domains or Base URL in the "${label}" credential.`,
		);
	}
	return {
		kind: 'granted',
		settings: {
			apiKey,
			...(login !== undefined && { login }),
			baseUrl: login === undefined ? baseUrl : withoutLogin(address),
			...(organization !== '' && { organization }),
			network,
		},
		identity: hashOf(provider, baseUrl, node.credentials[type].id ?? '', apiKey, organization),
	};
}

function orLeaveKeyOut(provider: ProviderId): string {
	return vendors[provider].keyIsOptional ? ', or leave API Key empty' : '';
}

/**
 * User name and password in a URL like `https://user:password@host`: people write the login of a proxy in front of
 * their server this way.
 */
function loginIn({ username, password }: URL): Login | undefined {
	if (username === '' && password === '') return undefined;
	return { user: decoded(username), password: decoded(password) };
}

function withoutLogin(address: URL): string {
	const plain = new URL(address);
	plain.username = '';
	plain.password = '';
	return plain.href;
}

/** Decodes percent-encoding; text that is not valid percent-encoding is kept as it is, as browsers do. */
function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

/** The key of a circuit: a hash of provider, base URL, credential and model. */
export function targetOf(identity: string, model: string): string {
	return hashOf(identity, model);
}

function denied(why: string, advice: string): Access {
	return { kind: 'denied', why, advice };
}

export async function readCredential(
	source: CredentialSource,
	type: string,
	itemIndex: number | undefined,
): Promise<{ readonly data: ICredentialDataDecryptedObject } | { readonly why: string }> {
	try {
		return { data: await source.getCredentials(type, itemIndex) };
	} catch (error) {
		return { why: error instanceof Error ? error.message : String(error) };
	}
}

function textOf(value: unknown): string {
	return typeof value === 'string' ? value.trim() : '';
}

/**
 * Why the allowed domains of the credential forbid its base URL; undefined when they allow it, and in n8n before 2.30,
 * which has no such restriction.
 */
function restrictionAgainst(
	baseUrl: string,
	credentialData: ICredentialDataDecryptedObject,
	node: INode,
): string | undefined {
	const { assertCredentialAllowsUrl } = workflow as Partial<typeof workflow>;
	try {
		assertCredentialAllowsUrl?.({ node, credentialData, url: baseUrl, pinnedUrl: baseUrl, surface: 'Resilient LLM' });
		return undefined;
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}
}

function hashOf(...parts: readonly string[]): string {
	return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
