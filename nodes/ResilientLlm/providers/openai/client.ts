import type * as Sdk from 'openai';
import type { OpenAI } from 'openai';

import type { Completion } from '../../engine/completion';
import type { Failure } from '../../engine/failure';
import type { ModelEntry } from '../../engine/provider';
import type { CompletionRequest } from '../../engine/request';
import { bearerOrLogin } from '../http/account';
import { readErrorBody } from '../errors/error-body';
import { failureFrom, requestIdOf, type FailureContext } from '../errors/failures';
import { at } from '../json/json-path';
import { asArray, asString } from '../json/json-reader';
import { replyRedactor, withoutEchoes } from '../redaction/key-echo';
import { lazy } from '../lazy';
import { maxListedModels } from '../max-listed-models';
import { classifyOpenAi, errorInside } from './failure';
import type { LeftOut } from './parameters';
import { fromChatReply } from './reply';
import { toChatCall, type ChatDialect } from './request';
import { fromResponsesReply } from './responses-reply';
import { toResponsesCall } from './responses-request';
import { openLiveExchange, type StreamFormat } from '../http/live-exchange';
import { withoutLeadingThoughts } from '../conversation/spoken-text';
import { chatStream } from './chat-stream';
import { responsesStream } from './responses-stream';
import { fetchWith, noSdkTimeoutMs, through, thrownBy, userAgent } from '../http/sdk-fetch';
import { openExchange, type ProviderSettings } from '../http/transport';

/** A hint about the base URL, for error messages if the server has nothing at the address. */
const addressAdvice = 'most servers need /v1 at its end';

/** One of OpenAI's two APIs: what is sent to it and how its reply is read. */
interface Asked {
	readonly path: '/chat/completions' | '/responses';
	readonly body: object;
	readonly stream: StreamFormat;
	/** Parameters that ask for a stream. */
	readonly streaming: object;
	read(json: unknown): Completion | undefined;
	readonly warnings: readonly string[];
}

/** Calls chat completions once and returns the completion or the failure. */
export async function chat(
	settings: ProviderSettings,
	request: CompletionRequest,
	dialect: ChatDialect,
	signal: AbortSignal,
): Promise<Completion | Failure> {
	const { body, warnings } = toChatCall(request, dialect);
	const asked: Asked = {
		path: '/chat/completions',
		body,
		stream: chatStream,
		streaming: {
			stream: true,
			...(dialect.usageInStreams === 'asked' && { stream_options: { include_usage: true } }),
		},
		read: (json) => fromChatReply(json, request.settings.model, request.content.tools),
		warnings,
	};
	return await ask(settings, withoutThoughts(request), asked, signal);
}

/** Removes a leading `<think>` section, which some models write, from the text that is streamed to a reader. */
function withoutThoughts(request: CompletionRequest): CompletionRequest {
	const { live } = request;
	return live === undefined ? request : { ...request, live: withoutLeadingThoughts(live) };
}

/** Calls the Responses API once and returns the completion or the failure. */
export async function respond(
	settings: ProviderSettings,
	request: CompletionRequest,
	leaveOut: LeftOut,
	signal: AbortSignal,
): Promise<Completion | Failure> {
	const { body, warnings } = toResponsesCall(request, leaveOut);
	const asked: Asked = {
		path: '/responses',
		body,
		stream: responsesStream,
		streaming: { stream: true },
		read: (json) => fromResponsesReply(json, request.settings.model, request.content.tools),
		warnings,
	};
	return await ask(settings, request, asked, signal);
}

async function ask(
	settings: ProviderSettings,
	request: CompletionRequest,
	{ path, body, stream, streaming, read, warnings }: Asked,
	signal: AbortSignal,
): Promise<Completion | Failure> {
	const { live } = request;
	const context: FailureContext = { settings, request, classify: classifyOpenAi, addressAdvice };
	const exchange = await openLiveExchange(settings.network, signal, replyRedactor(settings), stream, live);
	const whole = exchange.isLive ? { ...body, ...streaming } : body;
	const thrown = await thrownBy(
		async () => await (await clientFor(settings)).post(path, { body: whole, ...through(exchange) }),
	);
	const received = exchange.received;

	if (received?.kind === 'reply' && received.status < 300) {
		const error = errorInside(received.json);
		if (error !== undefined) return failureFrom({ ...received, json: { error } }, thrown, context);
		const answer = read(received.json);
		const requestId = requestIdOf(received.headers, settings.apiKey);
		if (answer !== undefined) {
			return {
				...withoutEchoes(answer, settings),
				...(requestId !== undefined && { requestId }),
				...(warnings.length > 0 && { warnings }),
			};
		}
	}
	return failureFrom(received, thrown, context);
}

/** The entries of `GET /models` as the server lists them, or a failure. */
export async function listModels(
	settings: ProviderSettings,
	signal: AbortSignal,
	isUsable: (model: unknown, id: string) => boolean,
): Promise<readonly ModelEntry[] | Failure> {
	const exchange = openExchange(settings.network, signal, replyRedactor(settings));
	const thrown = await thrownBy(async () => (await clientFor(settings)).models.list(through(exchange)));
	const received = exchange.received;
	if (received?.kind === 'reply' && received.status < 300 && readErrorBody(received.json) === undefined) {
		const models = asArray(at(received.json, 'data')) ?? bareList(received.json);
		if (models !== undefined) {
			return models.slice(0, maxListedModels).flatMap((model) => {
				const id = asString(at(model, 'id'));
				return id !== undefined && isUsable(model, id) ? { id, name: asString(at(model, 'name')) || id } : [];
			});
		}
	}
	return failureFrom(received, thrown, { settings, classify: classifyOpenAi, addressAdvice });
}

/** Together returns its list of models as a bare array. */
function bareList(json: unknown): readonly unknown[] | undefined {
	const list = asArray(json);
	return list?.some((entry) => asString(at(entry, 'id')) !== undefined) ? list : undefined;
}

const sdk = lazy(async () => await import('openai'));

const clients = new WeakMap<ProviderSettings, OpenAI>();

async function clientFor(settings: ProviderSettings): Promise<OpenAI> {
	const known = clients.get(settings);
	if (known !== undefined) return known;
	const client = newClient(await sdk(), settings);
	clients.set(settings, client);
	return client;
}

/**
 * Creates an SDK client. Every option is set explicitly, as the SDK would otherwise read it from environment variables.
 */
function newClient({ OpenAI }: typeof Sdk, settings: ProviderSettings): OpenAI {
	const { baseUrl, organization } = settings;
	return new OpenAI({
		// The SDK requires a key, but it is not sent: the API key, if any, is in the headers below.
		apiKey: 'none',
		adminAPIKey: null,
		organization: null,
		project: null,
		webhookSecret: null,
		baseURL: baseUrl,
		maxRetries: 0,
		timeout: noSdkTimeoutMs,
		logLevel: 'off',
		fetch: fetchWith({
			accept: 'application/json',
			'user-agent': userAgent,
			...bearerOrLogin(settings),
			...(organization && { 'openai-organization': organization }),
		}),
	});
}
