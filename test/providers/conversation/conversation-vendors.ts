import type { Provider } from '../../../nodes/ResilientLlm/engine/provider';
import type { ReasoningEffort } from '../../../nodes/ResilientLlm/engine/request';
import { createAnthropic } from '../../../nodes/ResilientLlm/providers/anthropic';
import { createGemini } from '../../../nodes/ResilientLlm/providers/gemini';
import { createOllama } from '../../../nodes/ResilientLlm/providers/ollama';
import type { ProviderSettings } from '../../../nodes/ResilientLlm/providers/http/transport';
import { createOpenAi } from '../../../nodes/ResilientLlm/providers/openai';
import { createOpenAiCompatible } from '../../../nodes/ResilientLlm/providers/openai-compatible';

/** A vendor's adapter and a model of it, as one step of a chain calls them. */
export interface ConversationVendor {
	readonly name: string;
	readonly model: string;
	/** What the base URL has after the strict server's. */
	readonly path: string;
	/** Sent when it is to think. Undefined: it takes no effort. */
	readonly effort: ReasoningEffort | undefined;
	create(settings: ProviderSettings): Provider;
}

const anthropic = { path: '', effort: 'low', create: createAnthropic } as const;
const openAi = { path: '/v1', effort: undefined, create: createOpenAi } as const;
const gemini = { path: '', effort: 'low', create: createGemini } as const;
const compatible = { model: 'some-model', effort: undefined, create: createOpenAiCompatible } as const;

/** Each vendor, and each way in which its models or servers differ in what they take. */
export const conversationVendors: readonly ConversationVendor[] = [
	{ ...anthropic, name: 'Anthropic, thinking bound to its place', model: 'claude-haiku-5-5' },
	{ ...anthropic, name: 'Anthropic, no tool forced', model: 'claude-sonnet-5-5' },
	{ ...anthropic, name: 'Anthropic, thinking bound to nothing', model: 'claude-opus-5' },
	{ ...anthropic, name: 'Anthropic, of last year', model: 'claude-haiku-4-5', effort: undefined },
	{ ...openAi, name: 'OpenAI, chat completions', model: 'gpt-4.1' },
	{ ...openAi, name: 'OpenAI, responses', model: 'gpt-6-luna', effort: 'low' },
	{ ...openAi, name: 'OpenAI, either of them', model: 'gpt-5.5', effort: 'low' },
	{ ...gemini, name: 'Gemini 3', model: 'gemini-3.8-flash' },
	{ ...gemini, name: 'Gemini 2.5', model: 'gemini-2.5-flash', effort: undefined },
	{ ...compatible, name: 'compatible, plain', path: '/plain/v1' },
	{ ...compatible, name: 'compatible, Mistral', path: '/mistral/v1' },
	{ ...compatible, name: 'compatible, DeepSeek', path: '/deepseek/v1', model: 'deepseek-v4' },
	{ ...compatible, name: 'compatible, DeepSeek R1', path: '/deepseekR1/v1', model: 'deepseek-r1' },
	{ ...compatible, name: 'compatible, Groq', path: '/groq/v1' },
	{ ...compatible, name: 'compatible, by chat template', path: '/template/v1' },
	{ name: 'Ollama', model: 'qwen4', path: '', effort: 'low', create: createOllama },
];
