import type { Provider } from '../../../nodes/ResilientLlm/engine/provider';
import { createAnthropic } from '../../../nodes/ResilientLlm/providers/anthropic';
import { createGemini } from '../../../nodes/ResilientLlm/providers/gemini';

export interface LiveVendor {
	readonly name: string;
	readonly model: string;
	/** An adapter that calls the strict server at this URL. */
	create(url: string): Provider;
}

const settings = { apiKey: 'key-for-tests', network: {} };

export const liveVendors: readonly LiveVendor[] = [
	{ name: 'Anthropic', model: 'claude-haiku-5-5', create: (baseUrl) => createAnthropic({ ...settings, baseUrl }) },
	{ name: 'Gemini', model: 'gemini-3.5-flash-lite', create: (baseUrl) => createGemini({ ...settings, baseUrl }) },
];
