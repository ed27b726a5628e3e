import {
	NodeConnectionTypes,
	type INodeType,
	type INodeTypeDescription,
	type ISupplyDataFunctions,
	type SupplyData,
} from 'n8n-workflow';

import { supplyChatModel } from './actions/chat-model/supply';
import { searchModels } from './actions/input/search-models';
import { chatModelProperties as properties } from './description/chat-model/properties';
import { chatModelCredentials as credentials } from './description/credentials';
import { orderSubtitle as subtitle } from './description/subtitle';
import { storeCredentialTests } from './host/test-store-credential';

export class ResilientChatModel implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Resilient Chat Model',
		name: 'resilientChatModel',
		icon: { light: 'file:resilientLlm.svg', dark: 'file:resilientLlm.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle,
		description: 'A chat model for AI agents and chains that retries and fails over to other models and vendors',
		defaults: { name: 'Resilient Chat Model' },
		codex: {
			categories: ['AI'],
			subcategories: {
				AI: ['Language Models', 'Root Nodes'],
				'Language Models': ['Chat Models (Recommended)'],
			},
		},
		inputs: [],
		outputs: [NodeConnectionTypes.AiLanguageModel],
		outputNames: ['Model'],
		credentials,
		properties,
	};

	methods = { listSearch: { searchModels }, credentialTest: storeCredentialTests };

	async supplyData(this: ISupplyDataFunctions, itemIndex: number): Promise<SupplyData> {
		return await supplyChatModel(this, itemIndex);
	}
}
