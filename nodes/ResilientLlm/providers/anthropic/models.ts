/** Matches models that accept a temperature: Claude up to 4.6, and models of other vendors behind the same API. */
export const takesTemperature = /^claude-(?:instant|\d|(?:haiku|sonnet|opus)-4(?!-[7-9](?!\d)))|^(?!claude-)/;

/** Matches Claude models that do not accept the effort parameter, which was introduced with Opus 4.5 and Sonnet 4.6. */
export const takesNoEffort = /^claude-(?:instant|\d|(?:haiku|sonnet)-4-5|(?:sonnet|opus)-4(?:-[01](?!\d)|-\d{8}|$))/;

/** Matches the Claude models known when this was written, up to generation 5.5. */
const knownClaude = /claude-(?:instant|[123](?!\d)|[a-z]+-4(?!\d)|[a-z]+-5(?:-[125])?(?:-\d{8}|(?!-?\d)))/;

/** Models that reject forced tool calls. https://platform.claude.com/docs/en/about-claude/models/whats-new-opus-5-5 */
const refusesForcedTools = /(?:opus|sonnet)-5-5(?!\d)|fable-5|mythos/;

/**
 * Models that check whether thinking sent back still follows the conversation it was written in.
 * https://platform.claude.com/docs/en/build-with-claude/prefix-checks (supported models)
 */
const checksPrefixes = /(?:opus|sonnet|haiku)-5-5(?!\d)|(?:fable|mythos)-5-[12](?!\d)/;

/** Whether the model accepts the tool choices `any` and `tool`, which force a tool call. */
export function takesForcedTools(model: string): boolean {
	return !refusesForcedTools.test(model) && !isUnknownClaude(model);
}

/**
 * How thinking blocks may be sent back to a model:
 * - `asIs`: always; the server checks nothing but the block itself.
 * - `ifUnchanged`: only after exactly the conversation in which the block was written; the server can be told to drop
 *   blocks for which this is not the case.
 * - `never`: the model is unknown, so thinking is not sent back.
 */
export function thinkingReturnOf(model: string): 'asIs' | 'ifUnchanged' | 'never' {
	if (checksPrefixes.test(model)) return 'ifUnchanged';
	return isUnknownClaude(model) ? 'never' : 'asIs';
}

/** True for Claude models released after this was written. Features that such a model might reject are not used. */
function isUnknownClaude(model: string): boolean {
	return model.includes('claude-') && !knownClaude.test(model);
}
