/** The protocols the simulated server speaks. `compatible` is any other server that speaks OpenAI's. */
export const vendors = ['anthropic', 'openai', 'gemini', 'ollama', 'compatible'] as const;

export type Vendor = (typeof vendors)[number];

/** What the vendor's credential asks for as "Base URL", below `root`. */
export function baseUrlOf(vendor: Vendor, root: string): string {
	const spokenBelowV1 = vendor === 'openai' || vendor === 'compatible';
	return `${root}/${vendor}${spokenBelowV1 ? '/v1' : ''}`;
}

const chatPaths: Readonly<Record<Vendor, RegExp>> = {
	anthropic: /^\/v1\/messages$/,
	openai: /^\/v1\/chat\/completions$/,
	gemini: /^\/v1beta\/models\/[^/]+:generateContent$/,
	ollama: /^\/api\/chat$/,
	compatible: /^\/v1\/chat\/completions$/,
};

const modelListPaths: Readonly<Record<Vendor, RegExp>> = {
	anthropic: /^\/v1\/models$/,
	openai: /^\/v1\/models$/,
	gemini: /^\/v1beta\/models$/,
	ollama: /^\/api\/tags$/,
	compatible: /^\/v1\/models$/,
};

/** What is asked of the vendor; undefined when it has no such endpoint. */
export function endpointOf(vendor: Vendor, method: string, path: string): 'chat' | 'models' | undefined {
	const [withoutQuery = ''] = path.split('?');
	if (method === 'POST' && chatPaths[vendor].test(withoutQuery)) return 'chat';
	if (method === 'GET' && modelListPaths[vendor].test(withoutQuery)) return 'models';
	return undefined;
}
