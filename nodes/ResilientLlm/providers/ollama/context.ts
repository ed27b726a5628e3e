/**
 * Context window sizes (tokens) that Ollama uses by default: 2048 and 4096 in old versions, later 4k, 32k or 256k
 * depending on video memory, and the values that users set most often (`OLLAMA_CONTEXT_LENGTH`).
 */
const usualWindows = [2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072, 262_144];

/** English and code have 3 to 5 bytes per token, Chinese 4 to 5; only long runs of blanks have more than 7. */
const bytesPerToken = 5;
const farMore = 1.4;

/** Tokens by which a count may be too low because of chat templates and rounding. */
const slack = 8;

/**
 * Whether Ollama dropped the beginning of the prompt. Servers before 0.12.6 ignore `truncate: false` and answer with
 * status 200; then only `prompt_eval_count` shows that the prompt was cut. True if
 * - the count fills the whole window, which leaves no room for an answer;
 * - the count is lower than any tokenizer would give for this text (`fewestTokens`);
 * - the count is exactly what Ollama keeps when it cuts (a full window, or half of one plus up to 4 tokens), and the
 *   text is much longer than that.
 * Until July 2024 (Ollama 0.2) the count did not include cached tokens, so on such a server a repeated prompt is
 * mistaken for a cut one. This costs an unnecessary failover, which is better than an answer to half a prompt.
 * @param text the part of the prompt that is certainly sent to the model
 * @param promptTokens Ollama's `prompt_eval_count`
 * @param contextWindow the `num_ctx` that was sent, if any
 * @param perhaps the part of the prompt that some models' templates leave out; only used for the third check
 */
export function promptWasCut(
	text: string,
	promptTokens: number,
	contextWindow: number | undefined,
	perhaps = '',
): boolean {
	if (contextWindow !== undefined && promptTokens >= contextWindow) return true;
	if (promptTokens + slack < fewestTokens(text)) return true;
	const windows = contextWindow === undefined ? usualWindows : [contextWindow, ...usualWindows];
	return (
		windows.some((window) => promptTokens === window || isHalf(promptTokens, window)) &&
		(Buffer.byteLength(text) + Buffer.byteLength(perhaps)) / bytesPerToken > promptTokens * farMore
	);
}

function isHalf(promptTokens: number, window: number): boolean {
	const half = window / 2;
	return promptTokens >= half && promptTokens <= half + 4;
}

const word = /[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}'’_-]*)/gu;

/**
 * A lower bound for the number of tokens of a text: its number of words, as no token spans two words. This holds for
 * all 607 000 tokens of OpenAI's five vocabularies, and SentencePiece splits at blanks by design. Blanks and
 * punctuation are not counted, because one token may hold a hundred of them. A word counts as one token however long it
 * is, so that text in scripts without spaces is never overestimated.
 */
export function fewestTokens(text: string): number {
	let words = 0;
	word.lastIndex = 0;
	while (word.test(text)) words += 1;
	return words;
}
