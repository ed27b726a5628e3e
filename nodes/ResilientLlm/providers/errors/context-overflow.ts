import { says } from './says';

/**
 * Error texts of servers that reject a prompt because it does not fit into the context window. They are taken from the
 * servers' source code and from the list in @earendil-works/pi-ai (`dist/utils/overflow.js`, MIT).
 */
const overflowWords: readonly RegExp[] = [
	/context[_ ]length[_ ]exceeded/i,
	/model_context_window_exceeded/i,
	/exceed_context_size_error/i,
	/prompt (?:is )?too long/i, // Anthropic, Ollama
	/input is too long/i, // Bedrock behind LiteLLM
	/(?:input length|input tokens?) and [`'"]?max_tokens[`'"]? exceed/i, // Anthropic
	/exceeds? (?:\w+ )?(?:model'?s? )?(?:maximum |max )?context (?:window|length|limit|size)/i, // OpenAI, Ollama
	/exceeds? the available context size/i, // llama.cpp
	/maximum context length/i, // OpenAI, vLLM, OpenRouter, DeepSeek, SGLang
	/maximum (?:allowed )?(?:model|prompt|input) length/i, // vLLM, xAI
	/max_(?:completion_)?tokens[`'"]? must be at least 1, got -\d/i, // vLLM, when the prompt leaves no room
	/(?:greater|longer|larger) than the (?:\S+ )?context (?:length|window|size)/i, // LM Studio, Ollama, SGLang
	/input token count.{0,40}exceeds the maximum/i, // Gemini
	/reduce the length of (?:the |your )?(?:messages|prompt|input)/i, // Groq
	/context (?:the )?overflows/i, // LM Studio
	/context (?:window|size|length) (?:exceeds|exceeded|overflow)/i, // MiniMax, llama.cpp
	/exceeded model token limit/i, // Kimi
	/too large for model with \d+ maximum context/i, // Mistral
	/`inputs` (?:tokens \+ `max_new_tokens` )?must (?:be <=|have less than) \d+/i, // TGI, Together
	/too many tokens in (?:the |your )?(?:prompt|input|request)/i,
	/(?:prompt|input)\b.{0,40}exceeds .{0,40}(?:token limit|limit of \d+)/i, // Copilot
];

/**
 * Words of rate limits. A request rejected by a limit per minute or day can succeed later, so it is no context
 * overflow.
 */
const rateWords = /rate.?limit|too many requests|(?:tokens|requests) per (?:min|day|hour)|\bTPM\b|quota/i;

/** Whether an error says that the prompt does not fit into the model's context window. */
export function saysContextOverflow(evidence: string): boolean {
	return !rateWords.test(evidence) && says(evidence, overflowWords);
}
