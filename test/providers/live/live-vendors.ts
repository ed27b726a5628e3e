import type { Provider } from '../../../nodes/ResilientLlm/engine/provider';
import { createAnthropic } from '../../../nodes/ResilientLlm/providers/anthropic';
import { createGemini } from '../../../nodes/ResilientLlm/providers/gemini';

import { createOllama } from '../../../nodes/ResilientLlm/providers/ollama';
import { createOpenAi } from '../../../nodes/ResilientLlm/providers/openai';
import { createOpenAiCompatible } from '../../../nodes/ResilientLlm/providers/openai-compatible';

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
	{ name: 'Ollama', model: 'llama3.2', create: (baseUrl) => createOllama({ ...settings, baseUrl }) },
	{ name: 'OpenAI', model: 'gpt-4o-mini', create: (url) => createOpenAi({ ...settings, baseUrl: `${url}/v1` }) },
	{
		name: 'OpenAI, Responses',
		model: 'gpt-6-luna',
		create: (url) => createOpenAi({ ...settings, baseUrl: `${url}/v1` }),
	},
	{
		name: 'OpenAI-Compatible',
		model: 'my-model',
		create: (url) => createOpenAiCompatible({ ...settings, baseUrl: `${url}/plain/v1` }),
	},
];
