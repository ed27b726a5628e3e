import type { IDataObject, INode } from 'n8n-workflow';
import { afterEach, beforeEach } from 'vitest';

import { credentialsFor, nodeName, resilientWorkflow } from './resilient-workflow';
import { logLines, runWorkflow, type WorkflowInput, type WorkflowRun } from './run-workflow';
import { startSimulatedVendors, type SimulatedVendors } from './simulated-vendors';

export interface GenerateRun extends WorkflowRun {
	readonly success: ReadonlyArray<NonNullable<ReturnType<WorkflowRun['outputs']>[number][number]>>;
	readonly escalate: GenerateRun['success'];
	/** What "Continue (using error output)" gets. */
	readonly failed: GenerateRun['success'];
	/** The message and the advice that stopped the node; undefined when nothing did. */
	readonly error: { readonly message: string; readonly description?: string | null | undefined } | undefined;
}

/** Fresh vendors for every test: their port is part of what the circuit breaker watches, so no test trips another's. */
export function useVendors(): { readonly vendors: SimulatedVendors } {
	const held: { vendors?: SimulatedVendors } = {};
	beforeEach(async () => {
		logLines.length = 0;
		held.vendors = await startSimulatedVendors();
	});
	afterEach(async () => await held.vendors?.close());
	return {
		get vendors() {
			if (held.vendors === undefined) throw new Error('Only inside a test');
			return held.vendors;
		},
	};
}

/** Runs the node on items that each become one prompt, unless the parameters say otherwise. */
export async function generate(
	vendors: SimulatedVendors,
	given: {
		readonly parameters?: IDataObject;
		readonly settings?: Partial<INode>;
		readonly items?: WorkflowInput['items'];
		readonly credentials?: WorkflowInput['credentials'];
	},
): Promise<GenerateRun> {
	const workflow = resilientWorkflow({ prompt: '={{ $json.text }}', ...given.parameters }, given.settings);
	const run = await runWorkflow(workflow, {
		items: given.items ?? [{ json: { text: 'Hello' } }],
		credentials: given.credentials ?? credentialsFor(vendors.baseUrl),
	});
	const [success = [], escalate = [], failed = []] = run.outputs(nodeName);
	const { error } = run.run.data.resultData;
	return { ...run, success, escalate, failed, error };
}
