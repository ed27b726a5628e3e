import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

import { route } from './actions/router';
import { searchModels } from './actions/input/search-models';
import { storeCredentialTests } from './host/test-store-credential';
import { resilientLlmCredentials as credentials } from './description/credentials';
import { outputs } from './description/outputs';
import { properties } from './description/properties';
import { subtitle } from './description/subtitle';
import { warnOfOldNode } from './host/node-version';

// Runs once, when n8n loads this file at its start.
warnOfOldNode();

export class ResilientLlm implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Resilient LLM',
		name: 'resilientLlm',
		icon: { light: 'file:resilientLlm.svg', dark: 'file:resilientLlm.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle,
		description: 'Ask models in order, with retries and failover, until one answers or a human takes over',
		defaults: { name: 'Resilient LLM' },
		// Otherwise n8n names a new node after its operation ("Generate completion") instead of the node type.
		skipNameGeneration: true,
		usableAsTool: true,
		builderHint: {
			searchHint:
				'Output 0 is Success: items that a model answered, the answer in the field "output". Output 1 is Escalate: tasks for a human, to send to a ticket, an email or Slack. Use .output(index).to() to wire each.',
		},
		inputs: [NodeConnectionTypes.Main],
		outputs,
		credentials,
		properties,
	};

	methods = { listSearch: { searchModels }, credentialTest: storeCredentialTests };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await route(this);
	}
}
