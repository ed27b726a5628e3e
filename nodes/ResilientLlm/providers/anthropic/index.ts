import type * as Sdk from '@anthropic-ai/sdk';
import type { Anthropic } from '@anthropic-ai/sdk';

import type { Completion } from '../../engine/completion';
import type { Failure } from '../../engine/failure';
import type { ModelEntry, Provider } from '../../engine/provider';
import type { CompletionRequest } from '../../engine/request';
import { classifyAnthropic } from './failure';
import { fromMessagesReply } from './reply';
import { messagesStream } from './stream';
import { toMessagesCall, type MessagesCall } from './request';
import { loginHeader } from '../http/account';
import { plainBaseUrl } from '../http/base-url';
import { failureFrom, requestIdOf } from '../errors/failures';
import { at } from '../json/json-path';
import { asArray, asString } from '../json/json-reader';
import { hasFreeProperties } from '../json/json-schema';
import { replyRedactor, withoutEchoes } from '../redaction/key-echo';
import { lazy } from '../lazy';
import { maxListedModels } from '../max-listed-models';
import { fetchWith, noSdkTimeoutMs, through, thrownBy, userAgent } from '../http/sdk-fetch';
import { openLiveExchange } from '../http/live-exchange';
import { openExchange, type ProviderSettings } from '../http/transport';

/** Creates the Anthropic provider, which calls the API through Anthropic's own SDK. */
export function createAnthropic(settings: ProviderSettings): Provider {
	const own = { ...settings, apiKey: settings.apiKey.trim(), baseUrl: withoutVersion(settings.baseUrl) };
	return {
		complete: (request, signal) => complete(own, request, signal),
		listModels: (signal) => listModels(own, signal),
	};
}

/** Removes a trailing /v1, because the SDK appends it. */
function withoutVersion(baseUrl: string): string {
	return plainBaseUrl(baseUrl).replace(/\/v1$/, '');
}

async function complete(
	settings: ProviderSettings,
	request: CompletionRequest,
	signal: AbortSignal,
): Promise<Completion | Failure> {
	const { network } = settings;
	const exchange = await openLiveExchange(network, signal, replyRedactor(settings), messagesStream, request.live);
	let call: MessagesCall | undefined;
	// Not `messages.create`: for deprecated models it prints a warning into n8n's log on every call.
	const thrown = await thrownBy(async () => {
		call = toMessagesCall(request, await schemaFor(request));
		return (await clientFor(settings)).post('/v1/messages', {
			body: exchange.isLive ? { ...call.body, stream: true } : call.body,
			...through(exchange, call.headers),
		});
	});
	const { warnings = [] } = call ?? {};
	const received = exchange.received;

	if (received?.kind === 'reply' && received.status < 300) {
		const answer = fromMessagesReply(received.json, request.settings.model, request.content.tools);
		const requestId = requestIdOf(received.headers, settings.apiKey);
		if (answer !== undefined) {
			return {
				...withoutEchoes(answer, settings),
				...(requestId !== undefined && { requestId }),
				...(warnings.length > 0 && { warnings }),
			};
		}
	}
	return failureFrom(received, thrown, { settings, request, classify: classifyAnthropic });
}

/**
 * The output schema in the form that Anthropic accepts: every object gets `additionalProperties: false`, and keywords
 * that Anthropic does not support are moved into descriptions. Undefined if no schema was asked for, if the server has
 * rejected it before, if it cannot be converted, or if closing the objects would forbid properties that it allows.
 */
async function schemaFor({
	content,
	dropped,
}: CompletionRequest): Promise<Readonly<Record<string, unknown>> | undefined> {
	const { output } = content;
	if (output.kind !== 'jsonSchema' || dropped.includes('outputFormat') || hasFreeProperties(output.schema))
		return undefined;
	const { transformJSONSchema } = await schemaTransform();
	try {
		return transformJSONSchema(output.schema);
	} catch {
		return undefined;
	}
}

async function listModels(settings: ProviderSettings, signal: AbortSignal): Promise<readonly ModelEntry[] | Failure> {
	const models: ModelEntry[] = [];
	let after: string | undefined;
	do {
		const exchange = openExchange(settings.network, signal, replyRedactor(settings));
		const page = { limit: maxListedModels, ...(after !== undefined && { after_id: after }) };
		const thrown = await thrownBy(async () =>
			(await clientFor(settings)).models.list(page, through(exchange, { 'anthropic-version': '2026-10-21' })),
		);
		const received = exchange.received;
		const entries =
			received?.kind === 'reply' && received.status < 300 ? asArray(at(received.json, 'data')) : undefined;
		if (received?.kind !== 'reply' || entries === undefined) {
			return failureFrom(received, thrown, { settings, classify: classifyAnthropic });
		}
		models.push(...entries.flatMap(modelEntry));
		const last = asString(at(received.json, 'last_id'));
		after = at(received.json, 'has_more') === true && entries.length > 0 && last !== after ? last : undefined;
	} while (after !== undefined && models.length < maxListedModels);
	return models.slice(0, maxListedModels);
}

function modelEntry(model: unknown): ModelEntry[] {
	const id = asString(at(model, 'id'));
	if (id === undefined || at(model, 'lifecycle') === 'retired') return [];
	return [{ id, name: asString(at(model, 'display_name')) || id }];
}

const sdk = lazy(async () => await import('@anthropic-ai/sdk'));
const schemaTransform = lazy(async () => await import('@anthropic-ai/sdk/lib/transform-json-schema'));

const clients = new WeakMap<ProviderSettings, Anthropic>();

async function clientFor(settings: ProviderSettings): Promise<Anthropic> {
	const known = clients.get(settings);
	if (known !== undefined) return known;
	const client = newClient(await sdk(), settings);
	clients.set(settings, client);
	return client;
}

/**
 * Creates an SDK client. Every option is set explicitly, as the SDK would otherwise read it from environment variables
 * or from profile files on disk.
 */
function newClient({ Anthropic }: typeof Sdk, { apiKey, login, baseUrl }: ProviderSettings): Anthropic {
	return new Anthropic({
		apiKey: 'none',
		authToken: null,
		webhookKey: null,
		baseURL: baseUrl,
		maxRetries: 0,
		timeout: noSdkTimeoutMs,
		logLevel: 'off',
		openTelemetry: false,
		fetch: fetchWith({
			accept: 'application/json',
			'user-agent': userAgent,
			// Anthropic's API also accepts a bearer token, but gateways in front of it may only know `x-api-key`.
			...(apiKey !== '' && { 'x-api-key': apiKey }),
			...loginHeader({ login }),
		}),
	});
}
