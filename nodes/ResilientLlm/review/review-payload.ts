import type { OutputFormat } from '../engine/conversation';
import type { Json } from '../engine/store/task-record';

/**
 * What a review stores in addition to the fields of its record: what a human needs to decide, and what the workflow
 * needs with the answer.
 */
export interface ReviewPayload {
	readonly prompt: string;
	/** Empty: there was none. */
	readonly systemMessage: string;
	/** The input item; each part that JSON cannot represent is replaced by a text that says so. */
	readonly context: Json;
	/** The best answer of a model, unchanged; null: there was none. */
	readonly draft: string | null;
	/** Why a human is asked, in one sentence. */
	readonly reason: string;
	/** The format that an answer must have, whether a model or a human gives it. */
	readonly output: OutputFormat;
	/** Whether the item with the human's answer contains the input item. */
	readonly includeInput: boolean;
	readonly warnings: readonly string[];
	/**
	 * URL of the page that links to this review lead to, so that a reminder can contain a new link; undefined: there is
	 * no page.
	 */
	readonly reviewPageUrl?: string;
}

export type DecodedPayload =
	| { readonly kind: 'decoded'; readonly payload: ReviewPayload }
	/** The store has deleted it, because its time was over. */
	| { readonly kind: 'dropped' }
	/** `why`: what is wrong with it, in words for the user. */
	| { readonly kind: 'unreadable'; readonly why: string };

/** To be raised with a change that older versions of this package would misread. */
const version = 1;

export function encodeReviewPayload(payload: ReviewPayload): Json {
	return JSON.parse(JSON.stringify({ version, ...payload })) as Json;
}

/** Decodes what a store returned. It may have been written by another version of this package, or edited by hand. */
export function decodeReviewPayload(stored: unknown): DecodedPayload {
	if (stored === null || stored === undefined) return { kind: 'dropped' };
	if (!isObject(stored)) return unreadable('it is not an object');
	if (stored.version !== version) {
		return unreadable(
			`it was written in version ${shown(stored.version)}, and this version of the package reads version ${version}`,
		);
	}
	const { prompt, systemMessage, context, draft, reason, includeInput } = stored;
	if (typeof prompt !== 'string') return unreadable('its prompt is not text');
	if (typeof systemMessage !== 'string') return unreadable('its system message is not text');
	if (draft !== null && typeof draft !== 'string') return unreadable('its draft is neither text nor empty');
	if (typeof reason !== 'string') return unreadable('its reason is not text');
	if (typeof includeInput !== 'boolean') return unreadable('it does not say whether to include the input');
	const output = outputFormatOf(stored.output);
	if (output === undefined) return unreadable(`its output format is unknown: ${shown(stored.output)}`);
	const reviewPageUrl = typeof stored.reviewPageUrl === 'string' ? stored.reviewPageUrl : undefined;
	const warnings = Array.isArray(stored.warnings)
		? stored.warnings.filter((warning) => typeof warning === 'string')
		: [];
	return {
		kind: 'decoded',
		payload: {
			prompt,
			systemMessage,
			context: (context ?? null) as Json,
			draft,
			reason,
			output,
			includeInput,
			warnings,
			...(reviewPageUrl !== undefined && { reviewPageUrl }),
		},
	};
}

function outputFormatOf(value: unknown): OutputFormat | undefined {
	if (!isObject(value)) return undefined;
	if (value.kind === 'text' || value.kind === 'json') return { kind: value.kind };
	return value.kind === 'jsonSchema' && isObject(value.schema)
		? { kind: 'jsonSchema', schema: value.schema }
		: undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unreadable(why: string): DecodedPayload {
	return { kind: 'unreadable', why: `This review cannot be read: ${why}.` };
}

function shown(value: unknown): string {
	return (JSON.stringify(value) ?? 'nothing').slice(0, 60);
}
