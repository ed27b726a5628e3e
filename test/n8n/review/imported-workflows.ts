import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkout } from '../install/checkout.ts';
import type { N8nInstance } from '../server/n8n-instance.ts';
import type { SimulatedProviders } from '../simulated-providers/simulated-providers.ts';

export interface Workflow {
	readonly id: string;
	readonly nodes: readonly {
		readonly name: string;
		readonly type: string;
		readonly credentials?: unknown;
		readonly [field: string]: unknown;
	}[];
	readonly [field: string]: unknown;
}

/** By credential type, the data of the one credential of that type. */
export type Accounts = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const modelNode = 'n8n-nodes-resilient-llm.resilientLlm';

const storeAccounts = ['resilientLlmRedisApi', 'resilientLlmPostgresApi'];

const credentialsOf: Readonly<Record<string, readonly string[]>> = {
	[modelNode]: ['resilientLlmAnthropicApi', 'resilientLlmOpenAiApi', 'resilientLlmGeminiApi', ...storeAccounts],
	'n8n-nodes-resilient-llm.resilientLlmReviewTrigger': storeAccounts,
	'n8n-nodes-base.emailSend': ['smtp'],
	'n8n-nodes-base.jira': ['jiraSoftwareCloudApi'],
	'n8n-nodes-base.slack': ['slackApi'],
};

/** Every example in `examples/`, as anyone can import it. */
export async function examples(): Promise<readonly Workflow[]> {
	const folder = join(checkout, 'examples');
	const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
	return await Promise.all(
		names.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as Workflow),
	);
}

/** The simulated vendors whose fates can be set, as credentials. */
export function modelAccounts(providers: SimulatedProviders): Accounts {
	const account = (vendor: 'anthropic' | 'openai' | 'gemini') => ({
		apiKey: 'simulated-key',
		baseUrl: providers.baseUrl(vendor),
	});
	return {
		resilientLlmAnthropicApi: account('anthropic'),
		resilientLlmOpenAiApi: account('openai'),
		resilientLlmGeminiApi: account('gemini'),
	};
}

/** Imports workflows and accounts. Only the credentials are chosen in the workflows, as their users would. */
export async function importWorkflows(
	n8n: N8nInstance,
	workflows: readonly Workflow[],
	accounts: Accounts,
): Promise<void> {
	const folder = await mkdtemp(join(tmpdir(), 'n8n-nodes-resilient-llm-review-'));
	try {
		const credentials = join(folder, 'credentials.json');
		await writeFile(
			credentials,
			JSON.stringify(Object.entries(accounts).map(([type, data]) => ({ id: type, name: type, type, data }))),
		);
		await mkdir(join(folder, 'workflows'));
		for (const workflow of workflows)
			await writeFile(
				join(folder, 'workflows', `${workflow.id}.json`),
				JSON.stringify(withCredentials(workflow, accounts)),
			);
		await n8n.command(['import:credentials', `--input=${credentials}`]);
		await n8n.command(['import:workflow', '--separate', `--input=${join(folder, 'workflows')}`]);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

function withCredentials(workflow: Workflow, accounts: Accounts): Workflow {
	const nodes = workflow.nodes.map((node) => {
		const types = (credentialsOf[node.type] ?? []).filter((type) => accounts[type] !== undefined);
		return { ...node, credentials: Object.fromEntries(types.map((type) => [type, { id: type, name: type }])) };
	});
	return { ...workflow, nodes };
}
