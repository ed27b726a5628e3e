/** What a model is to answer, before it is put into a vendor's words. */
export interface ScriptedReply {
	readonly text?: string;
	readonly calls?: ReadonlyArray<{ readonly name: string; readonly args: Readonly<Record<string, unknown>> }>;
	/** What it thought before. Undefined: it did not think. */
	readonly reasoning?: string;
	/** Why it stopped; without one, because it was done, or wants its tools called. */
	readonly finish?: 'length' | 'refusal';
	readonly usage?: ScriptedUsage;
}

export interface ScriptedUsage {
	/** All of the input, whatever came from a cache or went into one. */
	readonly input: number;
	readonly output: number;
	readonly reasoning?: number;
	readonly cacheRead?: number;
	readonly cacheWritten?: number;
}

export const usualUsage: Required<ScriptedUsage> = {
	input: 100,
	output: 20,
	reasoning: 0,
	cacheRead: 0,
	cacheWritten: 0,
};

/** A text as it might come in a stream. */
export function piecesOf(text: string): readonly string[] {
	return text.match(/[^]{1,7}/gu) ?? [];
}

let count = 0;

/** Letters and digits that nobody else has. */
export function uniqueName(length: number): string {
	count += 1;
	return count.toString(36).padStart(length, 'A');
}
