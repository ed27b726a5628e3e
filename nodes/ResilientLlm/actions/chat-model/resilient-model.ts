import type { Tool, ToolChoice } from '../../engine/conversation';
import type { AiNodeSdk, SdkCallConfig, SdkChatModel, SdkMessage, SdkTool } from '../../host/ai-node-sdk';
import { answerForN8n, chunksForN8n } from './n8n-answer';
import { messagesFromN8n } from './n8n-messages';
import { tellOfTurn } from './turn-facts';
import type { TurnAnswer, TurnQuestion } from './turn';

/** A chat model that may be told which tools to call. */
export interface ResilientModel extends SdkChatModel {
	toolChoice: ToolChoice;
}

/** Makes a chat model as n8n wants it: it asks the chain and holds nothing of a call, for calls may run at once. */
export function createResilientModel(
	sdk: AiNodeSdk,
	ask: (question: TurnQuestion) => Promise<TurnAnswer>,
): ResilientModel {
	class Model extends sdk.BaseChatModel {
		toolChoice: ToolChoice = { kind: 'auto' };

		override async generate(messages: readonly SdkMessage[], config?: SdkCallConfig) {
			const answer = await this.ask(messages, config);
			return answerForN8n(answer.completion);
		}

		override async *stream(messages: readonly SdkMessage[], config?: SdkCallConfig) {
			const answer = await this.ask(messages, config);
			yield* chunksForN8n(answer.completion);
		}

		private async ask(messages: readonly SdkMessage[], config: SdkCallConfig = {}): Promise<TurnAnswer> {
			const signal = config.signal ?? config.abortSignal;
			const answer = await ask({
				messages: messagesFromN8n(messages),
				tools: toolsFrom(sdk, this.tools ?? []),
				toolChoice: this.toolChoice,
				...(signal !== undefined && { signal }),
			});
			tellOfTurn(answer);
			return answer;
		}
	}
	return new Model('resilient-llm', 'chain');
}

/** n8n may bind the same tools twice; of two with one name, the last one counts, as with `Map`. */
function toolsFrom(sdk: AiNodeSdk, tools: readonly SdkTool[]): readonly Tool[] {
	const functions = tools.filter(({ type }) => type === 'function');
	const byName = new Map(functions.map((tool) => [tool.name, tool]));
	return [...byName.values()].map((tool) => ({
		name: tool.name,
		description: tool.description ?? '',
		schema: sdk.getParametersJsonSchema(tool),
	}));
}
