import type { GenerateContentRequest } from '@google/generative-ai';

import type { Completion } from '../../engine/completion';
import type { Failure } from '../../engine/failure';
import type { ModelEntry, Provider } from '../../engine/provider';
import type { CompletionRequest } from '../../engine/request';
import { loginHeader } from '../http/account';
import { plainBaseUrl } from '../http/base-url';
import { failureFrom } from '../errors/failures';
import { geminiVerdict } from './failure';
import { fromGeminiReply } from './reply';
import { toGeminiRequest } from './request';
import { loadGeminiSdk } from './sdk';
import { contentStream } from './stream';
import { at } from '../json/json-path';
import { asArray, asString } from '../json/json-reader';
import { replyRedactor, withoutEchoes } from '../redaction/key-echo';
import { fetchWith, thrownBy, userAgent } from '../http/sdk-fetch';
import { openLiveExchange } from '../http/live-exchange';
import { openExchange, type ProviderSettings } from '../http/transport';
import { maxListedModels } from '../max-listed-models';

const apiVersion = 'v1beta';

/**
 * Creates the Google Gemini provider on top of `@google/generative-ai`, which Google no longer maintains. Only the
 * SDK's requests are used: its `text()` would include thoughts in the answer, and its errors lose headers and causes.
 */
export function createGemini(settings: ProviderSettings): Provider {
	const own = { ...settings, apiKey: settings.apiKey.trim(), baseUrl: withoutVersion(settings.baseUrl) };
	return {
		complete: (request, signal) => complete(own, request, signal),
		listModels: (signal) => listModels(own, signal),
	};
}

/** Removes a trailing /v1beta, because the SDK appends it. */
function withoutVersion(baseUrl: string): string {
	return plainBaseUrl(baseUrl).replace(/\/v1beta$/, '');
}

async function complete(
	settings: ProviderSettings,
	request: CompletionRequest,
	signal: AbortSignal,
): Promise<Completion | Failure> {
	const { model } = request.settings;
	if (!isModelId(model)) {
		return { kind: 'failure', reason: 'model_not_found', message: 'This cannot be the name of a Gemini model' };
	}
	const { network } = settings;
	const exchange = await openLiveExchange(network, signal, replyRedactor(settings), contentStream, request.live);
	const thrown = await thrownBy(async () => {
		const { GoogleGenerativeAI } = loadGeminiSdk(fetchWith(headersFor(settings), exchange));
		// The SDK requires a key, but it is not sent: the API key, if any, is in the headers above.
		const client = new GoogleGenerativeAI('none');
		const { baseUrl } = settings;
		// The SDK's types are older than the API. It sends unknown fields unchanged.
		const body = toGeminiRequest(request) as unknown as GenerateContentRequest;
		const asked = client.getGenerativeModel({ model }, { baseUrl, apiVersion });
		if (!exchange.isLive) return await asked.generateContent(body);
		const { response } = await asked.generateContentStream(body);
		// The exchange has already read the stream, so the SDK finds it empty and rejects this promise; ignore that.
		response.catch(() => undefined);
		return undefined;
	});
	const received = exchange.received;

	if (received?.kind === 'reply' && received.status < 300) {
		const answer = fromGeminiReply(received.json, model, request.content.tools);
		if (answer !== undefined) return withoutEchoes(answer, settings);
	}
	return failureFrom(received, thrown, { settings, request, classify: geminiVerdict });
}

/** Whether the model name is safe in a URL path: the SDK does not encode it. */
function isModelId(model: string): boolean {
	return /^[\w.:@-]+(?:\/[\w.:@-]+)*$/.test(model) && !model.split('/').some((part) => /^\.+$/.test(part));
}

async function listModels(settings: ProviderSettings, signal: AbortSignal): Promise<readonly ModelEntry[] | Failure> {
	const models: ModelEntry[] = [];
	let pageToken: string | undefined;
	do {
		const exchange = openExchange(settings.network, signal, replyRedactor(settings));
		const fetchPage = fetchWith(headersFor(settings), exchange);
		const query = new URLSearchParams({ pageSize: `${maxListedModels}`, ...(pageToken && { pageToken }) });
		const thrown = await thrownBy(async () => await fetchPage(`${settings.baseUrl}/${apiVersion}/models?${query}`));
		const received = exchange.received;
		const page = received?.kind === 'reply' && received.status < 300 ? asArray(at(received.json, 'models')) : undefined;
		if (received?.kind !== 'reply' || page === undefined) {
			return failureFrom(received, thrown, { settings, classify: geminiVerdict });
		}
		models.push(...page.flatMap(modelEntry));
		const next = asString(at(received.json, 'nextPageToken'));
		pageToken = page.length > 0 && next !== pageToken ? next : undefined;
	} while (pageToken && models.length < maxListedModels);
	return models.slice(0, maxListedModels);
}

function modelEntry(model: unknown): ModelEntry[] {
	const id = asString(at(model, 'name'))?.replace(/^models\//, '');
	const answers = asArray(at(model, 'supportedGenerationMethods'))?.includes('generateContent') ?? false;
	return id !== undefined && answers ? [{ id, name: asString(at(model, 'displayName')) || id }] : [];
}

function headersFor({ apiKey, login }: ProviderSettings): Record<string, string> {
	return {
		accept: 'application/json',
		'content-type': 'application/json',
		'user-agent': userAgent,
		...(apiKey !== '' && { 'x-goog-api-key': apiKey }),
		...loginHeader({ login }),
	};
}
