export interface ToolCall {
	readonly name: string;
	/** JSON, unless the model got it wrong. */
	readonly arguments: string;
}

/** What a simulated model says in one turn, before a vendor puts it into its own words. */
export interface Reply {
	readonly text: string;
	readonly calls: readonly ToolCall[];
	/** `length`: the output limit was reached, so the text or the last call is unfinished. */
	readonly end: 'done' | 'length' | 'refused';
}

export function says(text: string): Reply {
	return { text, calls: [], end: 'done' };
}

export function calls(name: string, toolArguments: object): Reply {
	return { text: '', calls: [{ name, arguments: JSON.stringify(toolArguments) }], end: 'done' };
}

/** Tokens as this simulation counts them: four characters each, as a rule of thumb for English. */
export interface Usage {
	readonly input: number;
	readonly output: number;
}

export function usageOf(request: string, reply: Reply): Usage {
	const written = [reply.text, ...reply.calls.map((call) => call.name + call.arguments)].join('');
	return { input: Math.ceil(request.length / 4), output: Math.ceil(written.length / 4) };
}
