/** A file in a message. */
export interface Attachment {
	readonly kind: 'image' | 'pdf';
	readonly mimeType: string;
	readonly base64: string;
	readonly fileName: string;
}

export type Part = { readonly kind: 'text'; readonly text: string } | Attachment;

/** A model's wish that a tool be run. */
export interface ToolCall {
	/** As the model that wrote it named it, or its server. Each vendor takes other IDs: its adapter makes them fit. */
	readonly id: string;
	readonly name: string;
	/** As the model wrote them: JSON, where it wrote it well. */
	readonly argumentsText: string;
}

/**
 * What a vendor's server sent besides text and tool calls, such as its model's reasoning with a signature, as it came.
 * Only the same model behind the same credential can read it.
 */
export interface Keepsake {
	/** See `Step.target`. */
	readonly target: string;
	readonly content: unknown;
}

export type Message =
	| { readonly role: 'system'; readonly text: string }
	| { readonly role: 'user'; readonly parts: readonly Part[] }
	| {
			readonly role: 'assistant';
			readonly text: string;
			readonly toolCalls: readonly ToolCall[];
			readonly keepsake?: Keepsake;
	  }
	/** What a tool gave back, or how it failed. */
	| {
			readonly role: 'tool';
			readonly callId: string;
			readonly name: string;
			readonly parts: readonly Part[];
			readonly isError: boolean;
	  };

export type AssistantMessage = Extract<Message, { role: 'assistant' }>;
export type ToolMessage = Extract<Message, { role: 'tool' }>;

/** A tool on offer. */
export interface Tool {
	readonly name: string;
	/** Empty: none. */
	readonly description: string;
	/** JSON schema of its arguments, an object's. */
	readonly schema: Readonly<Record<string, unknown>>;
}

/** Whether the model may call tools, must call one, must not, or must call this one. */
export type ToolChoice =
	{ readonly kind: 'auto' | 'required' | 'none' } | { readonly kind: 'tool'; readonly name: string };

export type OutputFormat =
	| { readonly kind: 'text' }
	| { readonly kind: 'json' }
	| { readonly kind: 'jsonSchema'; readonly schema: Readonly<Record<string, unknown>> };

/** What is asked, whichever model answers. */
export interface Conversation {
	/** From the first to the last, as they were said. */
	readonly messages: readonly Message[];
	readonly tools: readonly Tool[];
	readonly toolChoice: ToolChoice;
	readonly output: OutputFormat;
}

/** The simplest conversation: one question. */
export interface SinglePrompt {
	readonly prompt: string;
	/** Empty: none is sent. */
	readonly systemMessage: string;
	readonly attachments: readonly Attachment[];
	readonly output: OutputFormat;
}

export function conversationOf({ prompt, systemMessage, attachments, output }: SinglePrompt): Conversation {
	return {
		messages: [
			...(systemMessage === '' ? [] : [{ role: 'system' as const, text: systemMessage }]),
			{ role: 'user', parts: [...attachments, { kind: 'text', text: prompt }] },
		],
		tools: [],
		toolChoice: { kind: 'auto' },
		output,
	};
}

/** The question that a conversation consists of; undefined when there is more to it. */
export function singlePromptOf({ messages, tools, toolChoice, output }: Conversation): SinglePrompt | undefined {
	const [first, ...others] = messages;
	const system = first?.role === 'system' ? first : undefined;
	const [question, ...more] = system === undefined ? messages : others;
	if (question?.role !== 'user' || more.length > 0 || tools.length > 0 || toolChoice.kind !== 'auto') return undefined;
	const text = question.parts.at(-1);
	const attachments = question.parts.slice(0, -1).filter((part) => part.kind !== 'text');
	if (text?.kind !== 'text' || attachments.length !== question.parts.length - 1) return undefined;
	return { prompt: text.text, systemMessage: system?.text ?? '', attachments, output };
}

/** All system messages, as one. Empty: there is none. */
export function systemTextOf({ messages }: Conversation): string {
	return messages
		.flatMap((message) => (message.role === 'system' && message.text !== '' ? [message.text] : []))
		.join('\n\n');
}

/** The texts of a message's parts. */
export function textOf(parts: readonly Part[]): string {
	return parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('\n');
}

export function attachmentsIn({ messages }: Conversation): readonly Attachment[] {
	return messages.flatMap((message) =>
		message.role === 'user' || message.role === 'tool' ? message.parts.filter((part) => part.kind !== 'text') : [],
	);
}

/** Every text that somebody wrote: none of it may stand in a log. */
export function textsIn({ messages }: Conversation): readonly string[] {
	return messages.flatMap((message) => {
		switch (message.role) {
			case 'system':
				return [message.text];
			case 'assistant':
				return [message.text, ...message.toolCalls.map(({ argumentsText }) => argumentsText)];
			default:
				return message.parts.flatMap((part) => (part.kind === 'text' ? [part.text] : []));
		}
	});
}
