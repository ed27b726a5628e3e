import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Json } from '../../nodes/ResilientLlm/engine/store/task-record';
import {
	decodeReviewPayload,
	encodeReviewPayload,
	type ReviewPayload,
} from '../../nodes/ResilientLlm/review/review-payload';
import { samplePayload } from './sample-review';

const payloads: fc.Arbitrary<ReviewPayload> = fc.record(
	{
		prompt: fc.string({ unit: 'binary' }),
		systemMessage: fc.string(),
		context: fc.jsonValue() as fc.Arbitrary<Json>,
		draft: fc.option(fc.string({ unit: 'binary' })),
		reason: fc.string(),
		output: fc.oneof(
			fc.constant({ kind: 'text' as const }),
			fc.constant({ kind: 'json' as const }),
			fc.constant({ kind: 'jsonSchema' as const, schema: { type: 'object' } }),
		),
		includeInput: fc.boolean(),
		warnings: fc.array(fc.string()),
		reviewPageUrl: fc.webUrl(),
	},
	{ requiredKeys: ['prompt', 'systemMessage', 'context', 'draft', 'reason', 'output', 'includeInput', 'warnings'] },
);

it('comes back as it went in, through a store that keeps JSON', () => {
	fc.assert(
		fc.property(payloads, (payload) => {
			const stored = JSON.parse(JSON.stringify(encodeReviewPayload(payload))) as unknown;
			// JSON knows no negative zero.
			expect(decodeReviewPayload(stored)).toEqual({ kind: 'decoded', payload: JSON.parse(JSON.stringify(payload)) });
		}),
	);
});

describe('what cannot be read says why', () => {
	const encoded = encodeReviewPayload(samplePayload) as Readonly<Record<string, Json>>;
	it.each([
		['text', 'not an object'],
		[[], 'not an object'],
		[{ ...encoded, version: 2 }, 'written in version 2'],
		[{ ...encoded, version: undefined }, 'written in version nothing'],
		[{ ...encoded, prompt: 7 }, 'prompt is not text'],
		[{ ...encoded, systemMessage: null }, 'system message is not text'],
		[{ ...encoded, draft: {} }, 'draft is neither text nor empty'],
		[{ ...encoded, reason: undefined }, 'reason is not text'],
		[{ ...encoded, includeInput: 'yes' }, 'whether to include the input'],
		[{ ...encoded, output: { kind: 'xml' } }, 'output format is unknown: {"kind":"xml"}'],
		[{ ...encoded, output: { kind: 'jsonSchema', schema: [] } }, 'output format is unknown'],
	])('%j', (stored, why) => {
		expect(decodeReviewPayload(stored)).toEqual({ kind: 'unreadable', why: expect.stringContaining(why) as string });
	});

	it('tells dropped content from damaged content', () => {
		expect(decodeReviewPayload(null)).toEqual({ kind: 'dropped' });
	});
});
