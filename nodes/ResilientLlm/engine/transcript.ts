import { singlePromptOf, systemTextOf, textOf, type Conversation, type Message, type Part } from './conversation';

/** A conversation as text for people. */
export interface Transcript {
	/** The single prompt, or all messages except system messages. */
	readonly prompt: string;
	readonly systemMessage: string;
}

export function transcriptOf(conversation: Conversation): Transcript {
	const single = singlePromptOf(conversation);
	if (single !== undefined) return single;
	const said = conversation.messages.filter(({ role }) => role !== 'system').map(wordsOf);
	return { prompt: said.join('\n\n'), systemMessage: systemTextOf(conversation) };
}

function wordsOf(message: Message): string {
	switch (message.role) {
		case 'system':
			return `System: ${message.text}`;
		case 'user':
			return `User: ${partsInWords(message.parts)}`;
		case 'assistant': {
			const calls = message.toolCalls.map(({ name, argumentsText }) => `[calls ${name} with ${argumentsText}]`);
			return `Assistant: ${[message.text, ...calls].filter((text) => text !== '').join('\n')}`;
		}
		case 'tool':
			return `Tool ${message.name}${message.isError ? ' failed' : ''}: ${partsInWords(message.parts)}`;
	}
}

function partsInWords(parts: readonly Part[]): string {
	const files = parts.flatMap((part) => (part.kind === 'text' ? [] : [`[${part.kind}: ${part.fileName}]`]));
	return [textOf(parts), ...files].filter((text) => text !== '').join('\n');
}
