/** A file in a message. */
export interface Attachment {
	readonly kind: 'image' | 'pdf';
	readonly mimeType: string;
	readonly base64: string;
	readonly fileName: string;
}

export type Part = { readonly kind: 'text'; readonly text: string } | Attachment;

/** A model's request to run a tool. */
export interface ToolCall {
	/** Chosen by the model or its server. Vendors accept different formats; each adapter converts IDs to its own. */
	readonly id: string;
	readonly name: string;
	/** The arguments exactly as the model wrote them: JSON text, possibly invalid. */
	readonly argumentsText: string;
}

/**
 * Vendor-specific content of a reply besides text and tool calls, kept unchanged, such as signed reasoning that the
 * next request must send back. Only the same model with the same credential can read it.
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
	/** A tool's result, or its error when `isError` is true. */
	| {
			readonly role: 'tool';
			readonly callId: string;
			readonly name: string;
			readonly parts: readonly Part[];
			readonly isError: boolean;
	  };

export type AssistantMessage = Extract<Message, { role: 'assistant' }>;
export type ToolMessage = Extract<Message, { role: 'tool' }>;

/** A tool that the model may call. */
export interface Tool {
	readonly name: string;
	/** Empty: none. */
	readonly description: string;
	/** JSON schema of the arguments. Its type is `object`. */
	readonly schema: Readonly<Record<string, unknown>>;
}

/**
 * `auto`: the model may call tools. `required`: it must call one. `none`: it must not. `tool`: it must call this one.
 */
export type ToolChoice =
	{ readonly kind: 'auto' | 'required' | 'none' } | { readonly kind: 'tool'; readonly name: string };

export type OutputFormat =
	| { readonly kind: 'text' }
	| { readonly kind: 'json' }
	| { readonly kind: 'jsonSchema'; readonly schema: Readonly<Record<string, unknown>> };

/** The content of a request, independent of the vendor. */
export interface Conversation {
	/** Oldest first. */
	readonly messages: readonly Message[];
	readonly tools: readonly Tool[];
	readonly toolChoice: ToolChoice;
	readonly output: OutputFormat;
}

/** The simplest conversation: one user message, with an optional system message and files. */
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

/**
 * Reverses `conversationOf`. Undefined when there is more than a single prompt: other messages, tools or a tool choice.
 */
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

/** All system messages, joined by blank lines. Empty when there is none. */
export function systemTextOf({ messages }: Conversation): string {
	return messages
		.flatMap((message) => (message.role === 'system' && message.text !== '' ? [message.text] : []))
		.join('\n\n');
}

/** A message's text parts, joined by line breaks. */
export function textOf(parts: readonly Part[]): string {
	return parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('\n');
}

export function attachmentsIn({ messages }: Conversation): readonly Attachment[] {
	return messages.flatMap((message) =>
		message.role === 'user' || message.role === 'tool' ? message.parts.filter((part) => part.kind !== 'text') : [],
	);
}

/** All texts of the conversation, tool arguments and results included. They are private: none may appear in a log. */
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
