import { describe, expect, it } from 'vitest';

import { failureFrom } from '../../nodes/ResilientLlm/providers/errors/failures';
import { shortMessage } from '../../nodes/ResilientLlm/providers/redaction/redaction';
import type { CompletionRequest } from '../../nodes/ResilientLlm/engine/request';
import { conversationOf } from '../../nodes/ResilientLlm/engine/conversation';
import { repaired } from '../engine/repaired';

const settings = { apiKey: 'sk-proj-1234567890abcdef', baseUrl: 'https://models.example:8443/v1', network: {} };

function broken(error: unknown) {
	return failureFrom({ kind: 'broken', error, status: undefined }, error, { settings });
}

function coded(code: string): Error {
	return Object.assign(new Error('message'), { code });
}

describe('what broke a connection', () => {
	it.each([
		['ECONNREFUSED', 'network', /models\.example:8443 refuses the connection/],
		['ENOTFOUND', 'network', /not a known host name/],
		['EAI_AGAIN', 'network', /cannot be looked up/],
		['ECONNRESET', 'network', /closed the connection/],
		['UND_ERR_SOCKET', 'network', /closed the connection/],
		['UND_ERR_CONNECT_TIMEOUT', 'network', /no connection could be opened/],
		['ENETUNREACH', 'network', /cannot be reached/],
		['HPE_INVALID_CONSTANT', 'network', /does not speak HTTP/],
		['ERR_SSL_WRONG_VERSION_NUMBER', 'network', /does not speak TLS/],
		['DEPTH_ZERO_SELF_SIGNED_CERT', 'network', /certificate .* not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)/],
		['CERT_HAS_EXPIRED', 'network', /certificate/],
		['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'network', /certificate/],
		['ERR_TLS_CERT_ALTNAME_INVALID', 'network', /certificate/],
		['Z_DATA_ERROR', 'bad_response', /cannot be unpacked/],
		['SOMETHING_NEW', 'network', /failed \(SOMETHING_NEW\)/],
	])('%s is read as %s, however deep it lies', (code, reason, message) => {
		const wrapped = Object.assign(new Error('Connection error.'), {
			cause: Object.assign(new TypeError('fetch failed'), { cause: coded(code) }),
		});
		for (const error of [coded(code), wrapped, new AggregateError([coded(code), coded(code)])]) {
			expect(broken(error)).toMatchObject({ reason, message: expect.stringMatching(message) });
		}
	});

	it('may be a policy of n8n, which no retry changes', () => {
		const blocked = Object.assign(new Error('blocked'), { name: 'SsrfBlockedHostnameError' });
		expect(broken(new TypeError('fetch failed', { cause: blocked }))).toMatchObject({ reason: 'permission_denied' });
	});

	it('may be nothing at all', () => {
		for (const error of [undefined, null, 'text', 7, {}]) expect(broken(error)).toMatchObject({ reason: 'network' });
	});

	it('may go round in circles', () => {
		const error = new Error('round');
		error.cause = error;
		expect(broken(error)).toMatchObject({ reason: 'network' });
	});
});

describe('a call that never left', () => {
	it('says why', () => {
		expect(failureFrom(undefined, new Error('model is required'), { settings })).toEqual({
			kind: 'failure',
			reason: 'invalid_request',
			message: 'Nothing was sent: model is required',
		});
	});
});

describe('a message', () => {
	const clean = (text: string, ...privateTexts: string[]) => shortMessage(text, settings, privateTexts);

	it.each([
		['bad key sk-proj-1234567890abcdef!', 'bad key [redacted]!'],
		['Incorrect API key provided: sk-abcde***********wxyz.', 'Incorrect API key provided: [redacted]'],
		['Authorization: Bearer eyJhbGciOi.J9.x_y-z failed', 'Authorization: Bearer [redacted] failed'],
		['GET https://x/v1?key=AIzaSyD-1234567890&alt=json', 'GET https://x/v1?key=[redacted]&alt=json'],
		['key AIzaSyD-1234567890 is invalid', 'key [redacted] is invalid'],
		['{"x-api-key": "abcdef0123"}', '{"x-api-key": "[redacted]"}'],
		['gsk_abcdefgh12345 and xai-abcdefgh12345', '[redacted] and [redacted]'],
		['proxy http://user:secret@proxy:3128 is down', 'proxy http://[redacted]@proxy:3128 is down'],
	])('loses its keys: %s', (text, expected) => {
		expect(clean(text)).toBe(expected);
	});

	it('keeps words that only look a little like keys', () => {
		const text = "The model 'task-runner-large' takes max_tokens and key_value pairs";
		expect(clean(text)).toBe(text);
	});

	it('is one line of at most 300 characters', () => {
		const message = clean(`first\r\n\tsecond\u2028third\u0000 ${'word '.repeat(200)}`);
		expect(message).toMatch(/^first second third word/);
		expect(message).not.toMatch(/[\n\r\t\u0000\u2028]/);
		expect(message.length).toBeLessThanOrEqual(300);
	});

	it('repeats nothing of the prompt', () => {
		const prompt = 'Dear Ms Miller,\n\nyour diagnosis is confidential. Please call us.';
		const message = clean(`cannot parse {"content": "Dear Ms Miller, your diagnosis is confidential."} at 0`, prompt);
		expect(message).not.toMatch(/Miller|diagnosis|confidential/);
		expect(message).toMatch(/^cannot parse .* at 0$/);
	});

	it('drops the input that validation errors quote', () => {
		expect(clean("[{'msg': 'Field required', 'input': {'prompt': 'top secret'}}]")).toBe("[{'msg': 'Field required',");
		expect(
			clean("1 error: Input should be valid [type=string_type, input_value='top secret', input_type=str]"),
		).not.toContain('top secret');
	});

	it('is short work, even for a large prompt', () => {
		const started = performance.now();
		clean('x'.repeat(20_000_000), 'y'.repeat(5_000_000));
		expect(performance.now() - started).toBeLessThan(2000);
	});
});

describe('a failure of a reply', () => {
	const request: CompletionRequest = {
		content: conversationOf({
			prompt: 'the secret prompt of this task',
			systemMessage: '',
			attachments: [],
			output: { kind: 'text' },
		}),
		settings: { model: 'm', maxOutputTokens: 1 },
		dropped: [],
	};

	const gone = { kind: 'reply', status: 404, headers: new Headers(), text: '', json: undefined } as const;

	function replied(status: number, text: string, headers: Record<string, string> = {}) {
		let json: unknown;
		try {
			json = JSON.parse(text);
		} catch {}
		return failureFrom({ kind: 'reply', status, headers: new Headers(headers), text, json }, undefined, {
			settings,
			request,
		});
	}

	it('carries the server’s words, its id, its pause and its advice', () => {
		const text = JSON.stringify({ error: { message: 'Too many requests', type: 'rate_limit_error' } });
		expect(replied(429, text, { 'request-id': 'req_1', 'retry-after': '3', 'x-should-retry': 'true' })).toEqual({
			kind: 'failure',
			reason: 'rate_limited',
			message: 'Too many requests',
			httpStatus: 429,
			requestId: 'req_1',
			retryAfterMs: 3000,
			retryAdvice: 'retry',
		});
	});

	it('has words of its own where the server has none', () => {
		expect(replied(502, '<html>x</html>').message).toBe('HTTP 502 with a web page instead of an answer');
		expect(replied(503, '').message).toBe('HTTP 503 with an empty body');
		expect(replied(200, '{}').message).toBe('The reply holds no answer');
		expect(replied(500, 'oops').message).toBe('HTTP 500 without a message');
	});

	it('says of a 404 that names no model what is wrong: the address', () => {
		const incomplete = 'HTTP 404: there is nothing at this address. The base URL may be incomplete';
		for (const text of [
			'<!DOCTYPE html>',
			'',
			'404 page not found',
			'{"detail":"Not Found"}',
			'{"error":{"message":"Not found","type":"not_found_error"}}',
		]) {
			expect(replied(404, text)).toMatchObject({
				reason: 'bad_response',
				message: incomplete,
				retryAdvice: 'no_retry',
			});
		}
		expect(replied(404, '{"error":{"message":"model: claude-3","type":"not_found_error"}}')).toMatchObject({
			reason: 'model_not_found',
			message: 'model: claude-3',
		});
		expect(replied(404, '{"error":{"code":"DeploymentNotFound","message":"It is gone"}}')).toMatchObject({
			reason: 'model_not_found',
		});
		expect(failureFrom(gone, undefined, { settings, addressAdvice: 'most servers need /v1 at its end' }).message).toBe(
			`${incomplete}; most servers need /v1 at its end`,
		);
	});

	it('survives errors nested a million deep', () => {
		const depth = 1_000_000;
		for (const [open, close] of [
			['{"message":', '}'],
			['{"error":', '}'],
			['{"detail":[', ']}'],
			['[', ']'],
		] as const) {
			expect(replied(500, `${open.repeat(depth)}1${close.repeat(depth)}`)).toMatchObject({ reason: 'server_error' });
		}
	});

	it('repeats nothing of the answer that the model was asked to repair', () => {
		const answer = 'the patient is pregnant and does not know it yet';
		const content = repaired(request.content, { answer, problems: ['no JSON'] });
		const reply = {
			kind: 'reply',
			status: 400,
			headers: new Headers(),
			text: '',
			json: { error: { message: `cannot read "${answer}" here` } },
		} as const;
		const { message } = failureFrom(reply, undefined, { settings, request: { ...request, content } });
		expect(message).toBe('cannot read "…" here');
	});

	it('takes no id that is none', () => {
		expect(replied(500, '', { 'x-request-id': settings.apiKey })).not.toHaveProperty('requestId');
		expect(replied(500, '', { 'x-request-id': 'a b<script>' })).not.toHaveProperty('requestId');
	});
});
