/** One thing said, or returned by a tool, in the order in which the vendor reads it. */
export type Entry =
	| { readonly kind: 'text'; readonly role: 'system' | 'user' | 'assistant'; readonly text: string }
	| { readonly kind: 'result'; readonly text: string };

/** What a vendor was asked, whatever its format. */
export interface Conversation {
	readonly model: string;
	/** Whether the caller wants the answer piece by piece. */
	readonly streamed: boolean;
	/** Whether a streamed answer ends with its token counts. Only OpenAI's Chat Completions leaves that to the caller. */
	readonly usageWanted: boolean;
	/** Whether the model is to show what it thinks. */
	readonly thinks: boolean;
	/** The names of the tools on offer, as sent. */
	readonly tools: readonly string[];
	readonly entries: readonly Entry[];
}

/** The results that came back since the user last spoke. */
export function resultsSinceQuestion({ entries }: Conversation): readonly string[] {
	const asked = entries.findLastIndex((entry) => entry.kind === 'text' && entry.role === 'user');
	return entries.slice(asked + 1).flatMap((entry) => (entry.kind === 'result' ? [entry.text] : []));
}

/** Everything the user said, oldest first. */
export function questions({ entries }: Conversation): readonly string[] {
	return entries.flatMap((entry) => (entry.kind === 'text' && entry.role === 'user' ? [entry.text] : []));
}

/** Every word of the request that is meant for the model. */
export function allText({ entries }: Conversation): string {
	return entries.map(({ text }) => text).join('\n');
}
