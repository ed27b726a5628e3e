import type { RuleCase } from '../rule-cases';

/** What breaks the rules that both APIs of OpenAI share, given where a function is defined. */
export const sharedFunctionCases = (path: string): readonly RuleCase[] => [
	['name', { [`${path}.name`]: 'the weather' }],
	['name', { [`${path}.name`]: '' }],
	['name-length', { [`${path}.name`]: 'x'.repeat(65) }],
	['parameters-type', { [`${path}.parameters`]: {} }],
	['parameters-top', { [`${path}.parameters.oneOf`]: [] }],
	['parameters-items', { [`${path}.parameters.properties.city`]: { type: 'array' } }],
	['unknown-parameter', { max_output: 7 }],
	['temperature', { temperature: 0.3, model: 'o3' }],
	['service-tier', { service_tier: 'cheap' }],
	['cache-unsupported', { model: 'gpt-5.4' }],
	['cache-ttl', { 'prompt_cache_options.ttl': '1h' }],
];
