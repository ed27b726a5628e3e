/**
 * The window sizes Ollama picks by itself: 2048 and 4096 in old versions, then by video memory 4k, 32k or 256k, and the
 * values people set most (`OLLAMA_CONTEXT_LENGTH`).
 */
const usualWindows = [2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072, 262_144];

/** English and code run at 3 to 5 bytes per token, Chinese at 4 to 5; only runs of blanks stay above 7 for long. */
const bytesPerToken = 5;
const farMore = 1.4;

/** What chat templates and rounding may hide of a prompt. */
const slack = 8;

/**
 * Whether Ollama answered without the front of the prompt. Servers before 0.12.6 ignore `truncate: false` and say 200;
 * the only trace is a `prompt_eval_count` that cannot be that of the whole text. True when
 * - the count fills the whole window, which leaves no room for an answer;
 * - the count is below what any tokenizer makes of this text (`fewestTokens`);
 * - the count is just what Ollama keeps when it cuts (a full window, or half of one plus a few), and the text is much
 *   longer than that many tokens.
 * Until July 2024 (Ollama 0.2) the count left out what the prompt cache held, so a repeated prompt on so old a server
 * is taken for a cut one: a failover too many, rather than an answer to half a question.
 * @param contextWindow the `num_ctx` that was sent, if any
 * @param perhaps what some models' templates leave out; it is no proof that words are missing
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
 * A number of tokens that no tokenizer goes below, as no token spans two words: none does among the 607 000 of OpenAI's
 * five vocabularies, and SentencePiece splits at blanks by design. Blanks and punctuation count for nothing, as one
 * token may hold a hundred of them; neither does the length of a word, so scripts written without spaces are never
 * overestimated.
 */
export function fewestTokens(text: string): number {
	let words = 0;
	word.lastIndex = 0;
	while (word.test(text)) words += 1;
	return words;
}
