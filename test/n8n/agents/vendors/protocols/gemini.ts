import type { Conversation, Entry } from '../conversation.ts';
import type { Reply } from '../reply.ts';
import {
	argumentsObject,
	inPieces,
	isJson,
	textPieceLength,
	type Envelope,
	type ErrorReply,
	type Protocol,
	type Refusal,
	type Stream,
} from './protocol.ts';
import { signPart } from '../vendor-rules.ts';

interface Request {
	readonly contents?: readonly { readonly role?: string; readonly parts?: readonly Part[] }[];
	readonly systemInstruction?: { readonly parts?: readonly Part[] } | string;
	readonly generationConfig?: { readonly thinkingConfig?: { readonly includeThoughts?: boolean } };
	readonly tools?: readonly { readonly functionDeclarations?: readonly { readonly name: string }[] }[];
}

interface Part {
	readonly text?: string;
	readonly thought?: boolean;
	readonly functionResponse?: { readonly response: unknown };
}

const path = /^\/v1(?:beta)?\/models\/([^:/]+):(generateContent|streamGenerateContent)$/;

/** Google's Gemini API. It has no IDs of calls: a result names its tool. */
export const gemini: Protocol = {
	path,
	streamType: 'text/event-stream',
	read,
	whole: (reply, envelope) => chunk(envelope, reply, partsOf(reply, envelope.asked), true),
	stream,
	refusal,
};

function read(url: string, body: string): Conversation | undefined {
	const [, model = '', method] = path.exec(url) ?? [];
	const { contents, systemInstruction, generationConfig, tools = [] } = JSON.parse(body) as Request;
	if (contents === undefined) return undefined;
	const instructions =
		typeof systemInstruction === 'string'
			? systemInstruction
			: (systemInstruction?.parts ?? []).map((part) => part.text ?? '').join('');
	return {
		model: decodeURIComponent(model),
		streamed: method === 'streamGenerateContent',
		usageWanted: true,
		thinks: generationConfig?.thinkingConfig?.includeThoughts === true,
		tools: tools.flatMap((tool) => (tool.functionDeclarations ?? []).map(({ name }) => name)),
		entries: [
			...(instructions === '' ? [] : [{ kind: 'text', role: 'system', text: instructions } as const]),
			...contents.flatMap(({ role, parts = [] }) =>
				parts.flatMap((part) => entryOf(role === 'model' ? 'assistant' : 'user', part)),
			),
		],
	};
}

function entryOf(role: 'user' | 'assistant', { text, thought, functionResponse }: Part): readonly Entry[] {
	if (functionResponse !== undefined) return [{ kind: 'result', text: JSON.stringify(functionResponse.response) }];
	return text === undefined || thought === true ? [] : [{ kind: 'text', role, text }];
}

/** A call that Gemini could not read as JSON never leaves it: only the finish reason tells. */
function isMalformed({ calls, end }: Reply): boolean {
	return end === 'done' && calls.some((call) => !isJson(call.arguments));
}

function partsOf(reply: Reply, { model, thinks }: Conversation): readonly object[] {
	if (reply.end === 'refused') return [];
	const thought = thinks ? [{ text: 'I had better use the tool.', thought: true }] : [];
	// Nor does a call that the output limit cut.
	const calls = isMalformed(reply) || reply.end === 'length' ? [] : reply.calls;
	return [
		...thought,
		...(reply.text === '' ? [] : [{ text: reply.text }]),
		...calls.map((call, index) => {
			const part = { functionCall: { name: call.name, args: argumentsObject(call.arguments) } };
			// Only the first call of a step is signed, whether thoughts are shown or not.
			return index === 0 ? { ...part, thoughtSignature: signPart(part, model) } : part;
		}),
	];
}

function stream(reply: Reply, envelope: Envelope): Stream {
	const event = (parts: readonly object[], last: boolean) =>
		`data: ${JSON.stringify(chunk(envelope, reply, parts, last))}\r\n\r\n`;
	const parts = partsOf(reply, envelope.asked);
	const words = reply.end === 'refused' ? [] : inPieces(reply.text, textPieceLength).map((text) => [{ text }]);
	const pieces = [...words, ...parts.filter((part) => 'functionCall' in part).map((part) => [part])];
	return {
		opening: parts.filter((part) => 'thought' in part).map((part) => event([part], false)),
		pieces: pieces.map((piece) => event(piece, false)),
		closing: [event(reply.end === 'refused' || isMalformed(reply) ? [] : [{ text: '' }], true)],
	};
}

function chunk({ asked, number, usage }: Envelope, reply: Reply, parts: readonly object[], last: boolean): object {
	const content = parts.length === 0 ? { role: 'model' } : { role: 'model', parts };
	return {
		candidates: [{ content, ...(last && { finishReason: finishReason(reply) }), index: 0 }],
		usageMetadata: {
			promptTokenCount: usage.input,
			...(last && { candidatesTokenCount: usage.output }),
			totalTokenCount: last ? usage.input + usage.output : usage.input,
			promptTokensDetails: [{ modality: 'TEXT', tokenCount: usage.input }],
		},
		modelVersion: asked.model,
		responseId: `simulated-${number}`,
	};
}

function finishReason(reply: Reply): string {
	if (reply.end === 'length') return 'MAX_TOKENS';
	if (reply.end === 'refused') return 'SAFETY';
	return isMalformed(reply) ? 'MALFORMED_FUNCTION_CALL' : 'STOP';
}

function refusal(refusal: Refusal, model: string, retryAfterSeconds: number): ErrorReply {
	switch (refusal) {
		case 'overloaded':
			return error(503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.');
		case 'rate_limited':
			return exhausted('GenerateRequestsPerMinutePerProjectPerModel', [
				{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${retryAfterSeconds}s` },
			]);
		case 'quota_exhausted':
			return exhausted('GenerateRequestsPerDayPerProjectPerModel-FreeTier', []);
		case 'server_error':
			return error(
				500,
				'INTERNAL',
				'An internal error has occurred. Please retry or report in ' +
					'https://developers.generativeai.google/guide/troubleshooting',
			);
		case 'wrong_key':
			return error(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', [
				{
					'@type': 'type.googleapis.com/google.rpc.ErrorInfo',
					reason: 'API_KEY_INVALID',
					domain: 'googleapis.com',
					metadata: { service: 'generativelanguage.googleapis.com' },
				},
			]);
		case 'unknown_model':
			return error(
				404,
				'NOT_FOUND',
				`models/${model} is not found for API version v1beta, or is not supported for ` +
					`generateContent. Call ListModels to see the list of available models and their ` +
					`supported methods.`,
			);
		case 'context_too_long':
			return error(
				400,
				'INVALID_ARGUMENT',
				'The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).',
			);
	}
}

function exhausted(quotaId: string, details: readonly object[]): ErrorReply {
	const failure = {
		'@type': 'type.googleapis.com/google.rpc.QuotaFailure',
		violations: [{ quotaMetric: 'generativelanguage.googleapis.com/generate_content_requests', quotaId }],
	};
	return error(
		429,
		'RESOURCE_EXHAUSTED',
		'You exceeded your current quota, please check your plan and billing details.',
		[failure, ...details],
	);
}

function error(code: number, status: string, message: string, details?: readonly object[]): ErrorReply {
	return { status: code, headers: {}, body: { error: { code, message, status, ...(details && { details }) } } };
}
