/** What a Claude model takes, where models differ. */
export interface ClaudeTraits {
	readonly prefill: boolean;
	/** `any` and `tool` as tool choice. */
	readonly forcedTools: boolean;
	/** Values of `thinking.type`. */
	readonly thinking: readonly ThinkingType[];
	/** Efforts at which thinking can still be turned off, or down to between the tools. Undefined: at all. */
	readonly lowestThinkingUpTo?: 'high';
	/** Thinks although nobody asked. */
	readonly thinksByDefault: boolean;
	/** Looks whether what stood before a thinking block is still what it was. */
	readonly bindsThinkingToPrefix: boolean;
	/** Temperature and the like, where the API version still knows them. */
	readonly sampling: boolean;
	/** `role: "system"` within the messages. */
	readonly systemMessages: boolean;
	/** Effort in `output_config`. */
	readonly effort: boolean;
	/** Tokens that a prefix needs to be cached. */
	readonly cacheMinimum: number;
}

export type ThinkingType = 'adaptive' | 'enabled' | 'disabled' | 'between_tools';

/** Before Claude 4.6. */
const old: ClaudeTraits = {
	prefill: true,
	forcedTools: true,
	thinking: ['enabled', 'disabled'],
	thinksByDefault: false,
	bindsThinkingToPrefix: false,
	sampling: true,
	systemMessages: false,
	effort: false,
	cacheMinimum: 1024,
};

const since46: ClaudeTraits = { ...old, prefill: false, thinking: ['adaptive', 'enabled', 'disabled'], effort: true };
const since47: ClaudeTraits = { ...since46, thinking: ['adaptive', 'disabled'], sampling: false };
const since5: ClaudeTraits = { ...since47, thinksByDefault: true };
const since51: ClaudeTraits = {
	...since5,
	thinking: ['adaptive'],
	forcedTools: false,
	bindsThinkingToPrefix: true,
	systemMessages: true,
	cacheMinimum: 512,
};

/**
 * The first pattern that fits counts. Sources: platform.claude.com, "Troubleshooting thinking" (thinking per model),
 * "Prefix checks on thinking blocks" (which models bind), "What's new in Claude Opus 5.5" and "... Sonnet 5.5" (forced
 * tool use), "Prompt caching" (minimum lengths), "Mid-conversation system messages"; @ai-sdk/anthropic 4.0.105 agrees.
 */
const models: ReadonlyArray<readonly [name: RegExp, traits: ClaudeTraits]> = [
	[/opus-5-5|(?:fable|mythos)-5-[12]/, since51],
	[/sonnet-5-5/, { ...since51, thinking: ['adaptive', 'between_tools'], lowestThinkingUpTo: 'high' }],
	[/haiku-5-5/, { ...since51, forcedTools: true, thinking: ['adaptive', 'disabled'], lowestThinkingUpTo: 'high' }],
	[
		/(?:fable|mythos)-5/,
		{ ...since5, thinking: ['adaptive'], forcedTools: false, systemMessages: true, cacheMinimum: 512 },
	],
	[/opus-5/, { ...since5, lowestThinkingUpTo: 'high', systemMessages: true, cacheMinimum: 512 }],
	[/sonnet-5/, since5],
	[/opus-4-8/, { ...since47, systemMessages: true }],
	[/opus-4-7/, { ...since47, cacheMinimum: 2048 }],
	[/opus-4-6/, { ...since46, cacheMinimum: 4096 }],
	[/sonnet-4-6/, since46],
	[/opus-4-5/, { ...old, effort: true, cacheMinimum: 4096 }],
	[/haiku-4-5/, { ...old, cacheMinimum: 4096 }],
	[/haiku/, { ...old, cacheMinimum: 2048 }],
];

export function claudeTraits(model: string): ClaudeTraits {
	return models.find(([name]) => name.test(model))?.[1] ?? old;
}
