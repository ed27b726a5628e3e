import { expect, it } from 'vitest';

import { otherOwnerOf } from '../../nodes/ResilientLlm/actions/input/model-owner';
import { type ProviderId, vendors } from '../../nodes/ResilientLlm/providers/vendors';

it.each<[ProviderId, string, ProviderId | undefined]>([
	['openAi', 'claude-haiku-5-5', 'anthropic'],
	['anthropic', 'gpt-6-luna', 'openAi'],
	['anthropic', 'o3', 'openAi'],
	['gemini', 'claude-haiku-5-5', 'anthropic'],
	['openAi', 'gpt-6-luna', undefined],
	['openAi', 'ft:gpt-6-luna:acme', undefined],
	['openAi', 'my-own-model', undefined],
	['ollama', 'gpt-oss:20b', undefined],
	['openAiCompatible', 'claude-haiku-5-5', undefined],
])('%s asked for %s: a model of %s', (provider, model, owner) => {
	expect(otherOwnerOf(model, provider, vendors[provider].baseUrl)).toBe(owner);
});

it('lets a gateway serve whatever it likes', () => {
	expect(otherOwnerOf('claude-haiku-5-5', 'openAi', 'https://gateway.example/v1')).toBeUndefined();
});
