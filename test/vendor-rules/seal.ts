import { createHash } from 'node:crypto';

import { isObject } from './json';

/**
 * What stands in for a vendor's encrypted reasoning: a signature, a thought signature, encrypted content. It says for
 * what it was made, so a check can tell, as the vendor can, whether it came back to the right place.
 */
export interface Seal {
	readonly vendor: 'anthropic' | 'openai' | 'gemini';
	readonly model: string;
	/** Of whatever stood before it in the conversation, for the vendors that look at that. */
	readonly prefix?: string;
	/** Of the text or call that it was made for. */
	readonly content?: string;
}

const mark = 'sealed:';

/** Base64, because Gemini takes nothing else. */
export function seal(contents: Seal): string {
	return Buffer.from(mark + JSON.stringify(contents)).toString('base64');
}

/** Undefined when it is no seal of ours, or was tampered with. */
export function unseal(sealed: unknown): Seal | undefined {
	if (typeof sealed !== 'string') return undefined;
	const text = Buffer.from(sealed, 'base64').toString('utf8');
	if (!text.startsWith(mark)) return undefined;
	try {
		const contents: unknown = JSON.parse(text.slice(mark.length));
		return isObject(contents) && seal(contents as unknown as Seal) === sealed
			? (contents as unknown as Seal)
			: undefined;
	} catch {
		return undefined;
	}
}

export function digest(value: unknown): string {
	return createHash('sha256')
		.update(JSON.stringify(value) ?? '')
		.digest('base64url')
		.slice(0, 16);
}
