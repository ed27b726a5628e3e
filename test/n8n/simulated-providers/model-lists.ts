import type { Vendor } from './vendor.ts';

const models: Readonly<Record<Vendor, readonly string[]>> = {
	anthropic: ['claude-haiku-5-5', 'claude-sonnet-5-5', 'claude-opus-5-5', 'claude-fable-5-2', 'claude-haiku-4-5'],
	openai: ['gpt-6-luna', 'gpt-6-sol', 'gpt-6-astra', 'gpt-6.1-terra', 'gpt-6.1-sol', 'gpt-5.6-luna', 'gpt-4o-mini'],
	gemini: ['gemini-3.5-flash-lite', 'gemini-3.8-flash', 'gemini-3.1-flash-lite', 'gemini-4-argon'],
	ollama: ['llama3.2', 'gemma4', 'gpt-oss:20b', 'qwen3.5:8b'],
	compatible: ['local-model', 'meta-llama/llama-4-scout', 'qwen/qwen3.5-32b'],
};

/** The vendor's own models endpoint, as far as anyone reads it. */
export function modelList(vendor: Vendor): unknown {
	const ids = models[vendor];
	switch (vendor) {
		case 'anthropic':
			return {
				data: ids.map((id) => ({
					type: 'model',
					id,
					display_name: displayName(id),
					created_at: '2026-10-21T00:00:00Z',
					lifecycle: 'active',
					max_input_tokens: 1_000_000,
				})),
				has_more: false,
				first_id: ids[0],
				last_id: ids.at(-1),
			};
		case 'gemini':
			return {
				models: ids.map((id) => ({
					name: `models/${id}`,
					displayName: displayName(id),
					inputTokenLimit: 1_048_576,
					outputTokenLimit: 65_536,
					supportedGenerationMethods: ['generateContent', 'countTokens'],
				})),
			};
		case 'ollama':
			return {
				models: ids.map((id) => ({
					name: withTag(id),
					model: withTag(id),
					size: 2_019_393_189,
					details: { family: 'llama', parameter_size: '3.2B' },
				})),
			};
		default:
			return {
				object: 'list',
				data: ids.map((id) => ({ id, object: 'model', created: 1_791_763_200, owned_by: 'simulated' })),
			};
	}
}

/** "claude-haiku-5-5" is "Claude Haiku 5.5" on the vendor's pages. */
function displayName(id: string): string {
	return id
		.replace(/(\d)-(\d)/g, '$1.$2')
		.split('-')
		.map((word) => word.charAt(0).toUpperCase() + word.slice(1))
		.join(' ');
}

function withTag(id: string): string {
	return id.includes(':') ? id : `${id}:latest`;
}
