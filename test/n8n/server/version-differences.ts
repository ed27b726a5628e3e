import type { N8nVersion } from '../install/n8n-versions.ts';
import { owner } from './owner.ts';

/** What older versions of n8n do otherwise than the newest one, as far as the tests meet it. */

/** n8n 1 takes its owner from nobody but the first visitor. A second call changes nothing. */
export async function setUpOwner({ n8n }: N8nVersion, url: string): Promise<void> {
	if (!n8n.startsWith('1.')) return;
	const settings = (await (await fetch(`${url}/rest/settings`)).json()) as Settings;
	if (settings.data.userManagement.showSetupOnFirstLoad !== true) return;
	const { email, password, firstName, lastName } = owner;
	const response = await fetch(`${url}/rest/owner/setup`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ email, password, firstName, lastName }),
	});
	if (!response.ok) throw new Error(`n8n took no owner: ${response.status} ${await response.text()}`);
}

interface Settings {
	readonly data: { readonly userManagement: { readonly showSetupOnFirstLoad?: boolean } };
}
