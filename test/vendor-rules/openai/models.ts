/** What a model of OpenAI takes, where models differ. */
export interface OpenAiTraits {
	readonly reasons: boolean;
	/** Function tools in Chat Completions: with any effort, only without one, or only when it is said to be `none`. */
	readonly chatTools: 'always' | 'withoutEffort' | 'onlyEffortNone';
	readonly efforts: readonly string[];
	/** `prompt_cache_options` and breakpoints. */
	readonly cacheBreakpoints: boolean;
}

/**
 * Sources: OpenAI's error messages as quoted in public issues (danny-avila/LibreChat 14231 and 14355, BerriAI/litellm
 * 34569, onyx-dot-app/onyx 15008 for gpt-6, pipecat-ai/pipecat 4043 for gpt-5.4); openai 7.55.0 types for the cache.
 */
export function openAiTraits(model: string): OpenAiTraits {
	const [, major = '0', minor = '0'] = /^gpt-(\d+)(?:\.(\d+))?/.exec(model) ?? [];
	const version = Number(major) * 100 + Number(minor);
	const reasons = /^o\d/.test(model) || version >= 500;
	const known = ['low', 'medium', 'high'];
	return {
		reasons,
		chatTools: version >= 506 ? 'onlyEffortNone' : version >= 504 ? 'withoutEffort' : 'always',
		efforts: !reasons
			? []
			: version >= 506
				? ['none', ...known, 'xhigh', 'max']
				: version >= 501
					? ['none', ...known, 'xhigh']
					: version === 500
						? ['minimal', ...known]
						: known,
		cacheBreakpoints: version >= 506,
	};
}
