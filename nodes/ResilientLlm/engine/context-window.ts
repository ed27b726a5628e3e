import { attachmentsIn, textsIn, type Conversation } from './conversation';
import type { Failure } from './failure';
import type { Step } from './task';

/**
 * Whether a step may be tried after others failed because the task was too long for them. `tooSmallWindow` is the
 * largest context window that was too small; 0: none was. A step qualifies when its window is larger or unknown, or
 * when `mostTokens` and the output limit certainly fit: the failed server may enforce a lower limit of its own.
 */
export function mayHold({ settings }: Step, tooSmallWindow: number, mostTokens: number): boolean {
	const { contextWindow = Number.POSITIVE_INFINITY, maxOutputTokens } = settings;
	return tooSmallWindow === 0 || contextWindow > tooSmallWindow || mostTokens + maxOutputTokens <= contextWindow;
}

export function isTooLong({ reason }: Failure): boolean {
	return reason === 'context_too_long' || reason === 'request_too_large';
}

/**
 * An upper bound of the tokens in a conversation: no token is shorter than one byte, and a UTF-16 code unit takes at
 * most 3 bytes. Infinity when there are attachments, whose tokens cannot be estimated.
 */
export function mostTokensIn(conversation: Conversation): number {
	if (attachmentsIn(conversation).length > 0) return Number.POSITIVE_INFINITY;
	const { tools, output } = conversation;
	const texts = [...textsIn(conversation), JSON.stringify(tools), JSON.stringify(output)];
	const bytesPerLetter = 3;
	// 50 per text and 1000 in total allow for the tokens of the model's own message format.
	return texts.reduce((sum, text) => sum + text.length * bytesPerLetter + 50, 1000);
}
