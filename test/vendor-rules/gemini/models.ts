/** The model stands in the path, not in the body. */
export function modelIn(path: string | undefined): string | undefined {
	const model = /\/models\/([^/:?]+):/.exec(path ?? '')?.[1];
	return model === undefined ? undefined : decodeURIComponent(model);
}

/** Undefined for other families, such as Gemma. */
export function generationOf(model: string): number | undefined {
	const generation = /^gemini-(\d+)/.exec(model)?.[1];
	if (generation !== undefined) return Number(generation);
	return /^gemini-.*latest$/.test(model) ? 3 : undefined;
}
