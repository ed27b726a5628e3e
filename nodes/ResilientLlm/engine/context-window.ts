import { attachmentsIn, textsIn, type Conversation } from './conversation';
import type { Failure } from './failure';
import type { Step } from './task';

/** A server that calls a task too long may have a limit of its own: what certainly fits is sent to others all the same. */
export function mayHold({ settings }: Step, tooSmallWindow: number, mostTokens: number): boolean {
	const { contextWindow = Number.POSITIVE_INFINITY, maxOutputTokens } = settings;
	return tooSmallWindow === 0 || contextWindow > tooSmallWindow || mostTokens + maxOutputTokens <= contextWindow;
}

export function isTooLong({ reason }: Failure): boolean {
	return reason === 'context_too_long' || reason === 'request_too_large';
}

/** More tokens than a conversation can come to: no token is shorter than a byte. What a file comes to nobody knows. */
export function mostTokensIn(conversation: Conversation): number {
	if (attachmentsIn(conversation).length > 0) return Number.POSITIVE_INFINITY;
	const { tools, output } = conversation;
	const texts = [...textsIn(conversation), JSON.stringify(tools), JSON.stringify(output)];
	const bytesPerLetter = 3;
	// Besides their text, messages take some tokens of the model's own form.
	return texts.reduce((sum, text) => sum + text.length * bytesPerLetter + 50, 1000);
}
