import type { Tool, ToolChoice } from '../../engine/conversation';
import type { AiNodeSdk, SdkCallConfig, SdkChatModel, SdkMessage, SdkTool } from '../../host/ai-node-sdk';
import type { LiveReader } from '../../engine/live-text';
import type { ChatModelParameters } from './chat-model-parameters';
import { answerForN8n, chunksForN8n } from './n8n-answer';
import { messagesFromN8n } from './n8n-messages';
import { createPieces } from './pieces';
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
	delivery: ChatModelParameters['answerDelivery'],
): ResilientModel {
	class Model extends sdk.BaseChatModel {
		toolChoice: ToolChoice = { kind: 'auto' };

		override async generate(messages: readonly SdkMessage[], config?: SdkCallConfig) {
			const answer = await this.ask(messages, config);
			return answerForN8n(answer.completion);
		}

		override async *stream(messages: readonly SdkMessage[], config?: SdkCallConfig) {
			if (delivery === 'whole') {
				const answer = await this.ask(messages, config);
				yield* chunksForN8n(answer.completion);
				return;
			}
			const pieces = createPieces();
			const answer = this.ask(messages, config, pieces.add).finally(pieces.end);
			// Whoever waits for the answer below hears of its failure; until then it must not count as unhandled.
			answer.catch(() => undefined);
			let said = '';
			for await (const delta of pieces.all()) {
				said += delta;
				yield { type: 'text-delta' as const, delta };
			}
			const { completion } = await answer;
			yield* chunksForN8n({ ...completion, text: restOf(completion.text, said) });
		}

		private async ask(
			messages: readonly SdkMessage[],
			config: SdkCallConfig = {},
			live?: LiveReader,
		): Promise<TurnAnswer> {
			const signal = config.signal ?? config.abortSignal;
			const answer = await ask({
				messages: messagesFromN8n(messages),
				tools: toolsFrom(sdk, this.tools ?? []),
				toolChoice: this.toolChoice,
				...(signal !== undefined && { signal }),
				...(live !== undefined && { live }),
			});
			tellOfTurn(answer);
			return answer;
		}
	}
	return new Model('resilient-llm', 'chain');
}

/** What is still to be said. What was said and is no part of the answer can only be an error: it cannot be taken back. */
function restOf(text: string, said: string): string {
	if (text.startsWith(said)) return text.slice(said.length);
	throw new Error('The answer broke off: what came of it is not what the model says it wrote');
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
