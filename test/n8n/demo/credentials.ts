import { readFileSync } from 'node:fs';
import type { Fate } from '../simulated-providers/fate.ts';
import { fates } from '../simulated-providers/fate.ts';
import type { SimulatedProviders } from '../simulated-providers/simulated-providers.ts';
import { vendors, type Vendor } from '../simulated-providers/vendor.ts';
import { stories } from './stories.ts';

export interface DemoCredential {
	readonly id: string;
	readonly name: string;
	readonly type: string;
	readonly data: { readonly apiKey: string; readonly baseUrl: string };
}

interface WorkflowFile {
	readonly nodes: readonly {
		readonly credentials?: Readonly<Record<string, { readonly id: string; readonly name: string }>>;
	}[];
}

/**
 * Every credential the demo workflows name. Their IDs say which simulated vendor they lead to, and its fate:
 * `resilientLlm-anthropic-overloaded`.
 */
export function demoCredentials(providers: SimulatedProviders): DemoCredential[] {
	const found = new Map<string, DemoCredential>();
	for (const story of stories()) {
		const workflow = JSON.parse(readFileSync(story.file, 'utf8')) as WorkflowFile;
		for (const node of workflow.nodes) {
			for (const [type, { id, name }] of Object.entries(node.credentials ?? {})) {
				const { vendor, fate } = readId(id);
				found.set(id, { id, name, type, data: { apiKey: 'simulated-key', baseUrl: providers.baseUrl(vendor, fate) } });
			}
		}
	}
	return [...found.values()];
}

function readId(id: string): { vendor: Vendor; fate: Fate } {
	const [, vendorName, fateName] = id.split('-');
	const vendor = vendors.find((known) => known === vendorName);
	const fate = fates.find((known) => known === fateName);
	if (!vendor || !fate) throw new Error(`The demo credential ID "${id}" names no simulated vendor and fate`);
	return { vendor, fate };
}
