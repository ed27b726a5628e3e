import type { ErrorBody } from '../errors/error-body';
import type { ReportedError } from '../errors/reported-error';
import type { Verdict } from '../errors/verdict';

/**
 * Classifies Ollama's errors by their message: each error has a fixed one, while the status is often just 500. The
 * messages are from ollama/ollama: `server/routes.go`, `server/sched.go`, `llm/llama_server.go`. Undefined: the shared
 * classification is used.
 */
export function ollamaVerdict(
	model: string,
): (reply: ReportedError, error: ErrorBody | undefined) => Verdict | undefined {
	return (reply, error) => {
		if (error === undefined || reply.status < 400) return undefined;
		const { message, evidence } = error;
		if (cutPrompt.test(evidence)) return { reason: 'context_too_long' };
		if (/not found, try pulling|model\b.{0,200}\bnot found/i.test(message) && reply.status !== 500) {
			return { reason: 'model_not_found', message: `Ollama has no model "${model}"; run: ollama pull ${model}` };
		}
		if (/does not support (?:chat|generate)\b|invalid model name/i.test(message)) return { reason: 'model_not_found' };
		if (/does not support tools\b/i.test(message)) {
			const advice = `"${model}" takes no tools; choose a model that the Ollama library lists under "tools"`;
			return { reason: 'unsupported_parameter', message: advice, retryAdvice: 'no_retry' };
		}
		if (noThinking.test(message)) {
			return { reason: 'unsupported_parameter', parameter: 'reasoningEffort' };
		}
		if (/\bgrammar\b|invalid JSON schema|invalid format/i.test(message)) {
			return { reason: 'unsupported_parameter', parameter: 'outputFormat' };
		}
		// The queue is full, but the server is healthy and will work it off, so this is treated as a rate limit.
		if (/maximum pending requests exceeded/i.test(message)) return { reason: 'rate_limited' };
		if (/usage limit|upgrade for higher limits/i.test(message)) return { reason: 'quota_exhausted' };
		if (/requires more system memory/i.test(message)) return { reason: 'overloaded' };
		return undefined;
	};
}

const noThinking =
	/does not support thinking|\bthink\b.{0,200}(?:not supported|invalid|must be)|(?:invalid|unsupported) think/i;

/**
 * Messages about prompts that are too long. The last one comes from some models' templates if Ollama cut off the user's
 * message.
 */
const cutPrompt =
	/prompt is longer than the context length|input length exceeds the context length|exceeds the available context size|exceed_context_size_error|no user query found in messages/i;
