import type { AiNodeSdk, SdkChatModel } from '../../../nodes/ResilientLlm/host/ai-node-sdk';

/** The part of n8n's SDK that a model stands on, with nothing in it. */
export const plainSdk: AiNodeSdk = {
	BaseChatModel: class implements SdkChatModel {
		async generate(): Promise<never> {
			return await Promise.reject(new Error('not ours'));
		}
		stream(): never {
			throw new Error('not ours');
		}
	},
	supplyModel: () => ({ response: {} }),
	getParametersJsonSchema: () => ({}),
};
