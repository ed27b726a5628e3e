import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { checkAnswer, expectedOf } from '../../nodes/ResilientLlm/engine/answer-check';
import type { Completion } from '../../nodes/ResilientLlm/engine/completion';
import { dispositionOf } from '../../nodes/ResilientLlm/engine/disposition';
import type { Failure, FailureReason } from '../../nodes/ResilientLlm/engine/failure';
import type { Disposition } from '../../nodes/ResilientLlm/engine/failure-table';
import type { CompletionRequest, DroppableParameter } from '../../nodes/ResilientLlm/engine/request';
import { reply, startFaultServer, type FaultServer } from './fault-server';
import { vendors, type Vendor } from './vendors';
import { conversationOf } from '../../nodes/ResilientLlm/engine/conversation';

/** One recorded reply, and what must become of it. */
interface Cell {
	readonly name: string;
	readonly status: number;
	readonly headers?: Readonly<Record<string, string>>;
	/** JSON, or the raw text. */
	readonly body: unknown;
	readonly expect: {
		readonly reason: string;
		/** What the chain does after the first such failure; left out: what the failure table says of the reason. */
		readonly disposition?: string;
		/** Left out: the reply must not be read as asking for a pause. */
		readonly retryAfterMs?: number;
		readonly parameter?: string;
		readonly httpStatus?: number;
	};
}

/** The replies in `shapes/<name>.json`, a list of cells. `any` holds those that every provider must read alike. */
function shapesOf(name: Vendor['name'] | 'any'): readonly Cell[] {
	const file = join(__dirname, 'shapes', `${name}.json`);
	return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Cell[]) : [];
}

/**
 * What a reply can mean, the check of a 200's answer included. The other reasons come from the wire or from the chain.
 */
const reasonsOfReplies: readonly FailureReason[] = [
	'rate_limited',
	'quota_exhausted',
	'overloaded',
	'server_error',
	'bad_response',
	'authentication',
	'permission_denied',
	'model_not_found',
	'context_too_long',
	'request_too_large',
	'unsupported_parameter',
	'invalid_request',
	'content_blocked',
	'empty_output',
	'truncated',
];

/** Ollama has no filter and no word for a refusal. */
const neverSaid: Readonly<Partial<Record<Vendor['name'], readonly FailureReason[]>>> = { ollama: ['content_blocked'] };

function cellsOf(vendor: Vendor): readonly Cell[] {
	return [...shapesOf(vendor.name), ...shapesOf('any')];
}

/** A request that uses everything a server may refuse. */
function requestTo(vendor: Vendor): CompletionRequest {
	return {
		content: conversationOf({
			prompt:
				'Translate into French, in the tone of a letter between people who have worked together for years: good morning, dear colleagues',
			systemMessage: 'Be brief.',
			attachments: [],
			output: { kind: 'text' },
		}),
		settings: {
			model: vendor.model,
			maxOutputTokens: 1024,
			temperature: 0.5,
			reasoningEffort: 'low',
			contextWindow: 8192,
		},
		dropped: [],
	};
}

async function failureOf(result: Completion | Failure): Promise<Failure | undefined> {
	if (result.kind === 'failure') return result;
	const verdict = await checkAnswer(result, expectedOf({ kind: 'text' }));
	return verdict.kind === 'failure' ? verdict : undefined;
}

function firstDisposition(failure: Failure): Disposition {
	return dispositionOf(
		failure,
		{ calls: 1, maxAttempts: 3, retriedFor: new Set(), dropped: [] },
		{ onTruncated: 'failover', onBlocked: 'failover', onInvalidRequest: 'failover' },
	);
}

describe('every recorded reply becomes the failure it means', () => {
	let server: FaultServer;

	beforeAll(async () => {
		server = await startFaultServer();
	});
	afterAll(async () => {
		await server.close();
	});

	describe.each(vendors)('$name', (vendor) => {
		const cells = cellsOf(vendor);

		it.each(cells.map((cell) => [`${cell.status} ${cell.name} → ${cell.expect.reason}`, cell] as const))(
			'%s',
			async (_name, cell) => {
				const body = typeof cell.body === 'string' ? cell.body : JSON.stringify(cell.body);
				server.answer(reply(cell.status, body, { ...cell.headers }));
				const provider = vendor.create({ apiKey: 'key', baseUrl: `${server.url}${vendor.basePath}`, network: {} });
				const failure = await failureOf(await provider.complete(requestTo(vendor), new AbortController().signal));

				expect(server.requests).toHaveLength(1);
				const { reason, disposition, retryAfterMs, parameter, httpStatus } = cell.expect;
				expect(failure).toMatchObject({
					kind: 'failure',
					reason,
					...(httpStatus !== undefined && { httpStatus }),
				});
				expect(failure?.retryAfterMs).toBe(retryAfterMs);
				expect(failure?.parameter).toBe(parameter as DroppableParameter | undefined);
				if (disposition !== undefined && failure !== undefined) expect(firstDisposition(failure)).toBe(disposition);
				expect(failure?.message).toMatch(/^\S[^\r\n]{0,400}$/);
			},
		);

		it('covers every reason that its replies can mean', () => {
			const covered = new Set(cells.map(({ expect: { reason } }) => reason));
			const impossible = neverSaid[vendor.name] ?? [];
			expect(reasonsOfReplies.filter((reason) => !covered.has(reason) && !impossible.includes(reason))).toEqual([]);
		});

		it('names each reply once', () => {
			const names = cells.map(({ name, status }) => `${status} ${name}`);
			expect(new Set(names).size).toBe(names.length);
		});
	});

	it('has at least 120 cells', () => {
		const total = vendors.reduce((sum, vendor) => sum + cellsOf(vendor).length, 0);
		expect(total).toBeGreaterThanOrEqual(120);
	});
});
