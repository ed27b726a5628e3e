/** What a vendor's own SDK makes of one turn. */
export interface Read {
	readonly text: string;
	readonly calls: readonly { readonly name: string; readonly input: unknown }[];
	readonly end: string | null | undefined;
	readonly tokens: number | undefined;
}

export interface Reader {
	readonly vendor: 'openai' | 'anthropic' | 'gemini' | 'ollama';
	readonly name: string;
	readonly ends: { readonly calls: string; readonly answer: string; readonly length: string; readonly refused: string };
	/** Asks with the tools on offer, at the second turn with the result of the first. */
	readonly read: (baseUrl: string, question: string, result: string | undefined) => Promise<Read>;
}

/** The tools on offer. */
export const tools = ['calculator', 'book'];

export const schema = { type: 'object', properties: { input: { type: 'string' } } };
