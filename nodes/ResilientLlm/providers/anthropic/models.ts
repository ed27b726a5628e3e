/** Models up to this generation take a temperature; models of other vendors behind the same API do as well. */
export const takesTemperature = /^claude-(?:instant|\d|(?:haiku|sonnet|opus)-4(?!-[7-9](?!\d)))|^(?!claude-)/;

/** Models before effort came with Opus 4.5 and Sonnet 4.6. */
export const takesNoEffort = /^claude-(?:instant|\d|(?:haiku|sonnet)-4-5|(?:sonnet|opus)-4(?:-[01](?!\d)|-\d{8}|$))/;

/** Claude models up to 5.5. */
const knownClaude = /claude-(?:instant|[123](?!\d)|[a-z]+-4(?!\d)|[a-z]+-5(?:-[125])?(?:-\d{8}|(?!-?\d)))/;

/** https://platform.claude.com/docs/en/about-claude/models/whats-new-opus-5-5: a tool cannot be forced on them. */
const refusesForcedTools = /(?:opus|sonnet)-5-5(?!\d)|fable-5|mythos/;

/** https://platform.claude.com/docs/en/build-with-claude/prefix-checks, supported models. */
const checksPrefixes = /(?:opus|sonnet|haiku)-5-5(?!\d)|(?:fable|mythos)-5-[12](?!\d)/;

/** Whether a tool choice may be `any` or `tool`. */
export function takesForcedTools(model: string): boolean {
	return !refusesForcedTools.test(model) && !isUnknownClaude(model);
}

/**
 * How a model's thinking may be given back to it. `asIs`: nothing is checked but the block itself. `ifUnchanged`: only
 * behind the very conversation it was thought in, and the server can be told to leave out what is not. `never`: unknown.
 */
export function thinkingReturnOf(model: string): 'asIs' | 'ifUnchanged' | 'never' {
	if (checksPrefixes.test(model)) return 'ifUnchanged';
	return isUnknownClaude(model) ? 'never' : 'asIs';
}

/** A Claude that nobody knew when this was written: what it might refuse is not asked of it. */
function isUnknownClaude(model: string): boolean {
	return model.includes('claude-') && !knownClaude.test(model);
}
