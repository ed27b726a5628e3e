import type { Tool, ToolChoice } from '../../engine/conversation';
import type { AiNodeSdk, SdkCallConfig, SdkChatModel, SdkMessage, SdkTool } from '../../host/ai-node-sdk';
import type { LiveReader } from '../../engine/live-text';
import type { ChatModelParameters } from './chat-model-parameters';
import { answerForN8n, chunksForN8n } from './n8n-answer';
import { messagesFromN8n } from './n8n-messages';
import { createPieces } from './pieces';
import { tellOfTurn } from './turn-facts';
import type { TurnAnswer, TurnQuestion } from './turn';

/** A chat model with a tool choice that can be set. */
export interface ResilientModel extends SdkChatModel {
	toolChoice: ToolChoice;
}

/**
 * Creates the chat model that n8n expects; `ask` runs the provider order. The model keeps no state of a call, because
 * several calls may run at the same time.
 */
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
			// The error is thrown at `await answer` below. This handler only keeps Node.js from reporting it as unhandled
			// before that.
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

/**
 * The part of the answer that was not streamed yet. Throws if the streamed text differs from the answer, because
 * streamed text cannot be taken back.
 */
function restOf(text: string, said: string): string {
	if (text.startsWith(said)) return text.slice(said.length);
	throw new Error('The answer broke off: what came of it is not what the model says it wrote');
}

/** n8n may bind the same tools twice. If two tools have the same name, the last one is used. */
function toolsFrom(sdk: AiNodeSdk, tools: readonly SdkTool[]): readonly Tool[] {
	const functions = tools.filter(({ type }) => type === 'function');
	const byName = new Map(functions.map((tool) => [tool.name, tool]));
	return [...byName.values()].map((tool) => ({
		name: tool.name,
		description: tool.description ?? '',
		schema: sdk.getParametersJsonSchema(tool),
	}));
}
