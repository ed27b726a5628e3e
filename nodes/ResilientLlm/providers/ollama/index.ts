import type { Completion } from '../../engine/completion';
import { attachmentsIn } from '../../engine/conversation';
import type { Failure } from '../../engine/failure';
import type { ModelEntry, Provider } from '../../engine/provider';
import type { CompletionRequest } from '../../engine/request';
import { bearerOrLogin } from '../http/account';
import { plainBaseUrl } from '../http/base-url';
import { failureFrom } from '../errors/failures';
import { at } from '../json/json-path';
import { asArray, asString } from '../json/json-reader';
import { replyRedactor } from '../redaction/key-echo';
import { promptWasCut } from './context';
import { ollamaVerdict } from './failure';
import type { OllamaMessage } from './messages';
import { fromOllamaReply, promptTokensOf } from './reply';
import { toOllamaRequest, type OllamaRequest } from './request';
import { openLiveExchange } from '../http/live-exchange';
import type { LiveReader } from '../../engine/live-text';
import { withoutLeadingThoughts } from '../conversation/spoken-text';
import { chatLines } from './stream';
import { fetchWith, thrownBy, userAgent } from '../http/sdk-fetch';
import type { ProviderSettings, Received } from '../http/transport';

/** The most models that n8n's editor can show in a list. */
const maxListedModels = 1000;

/**
 * Creates the Ollama provider, which uses Ollama's own `/api/chat`. The OpenAI-compatible `/v1` ignores `num_ctx`, and
 * Ollama's npm package reads a file from disk if an image string is a file path.
 */
export function createOllama(settings: ProviderSettings): Provider {
	const own = { ...settings, apiKey: settings.apiKey.trim(), baseUrl: withoutPath(settings.baseUrl) };
	return {
		complete: (request, signal) => complete(own, request, signal),
		listModels: (signal) => listModels(own, signal),
	};
}

/** Users often copy the address together with the path /api or /v1. */
function withoutPath(baseUrl: string): string {
	return plainBaseUrl(baseUrl).replace(/\/(?:api|v1)$/, '');
}

async function complete(
	settings: ProviderSettings,
	request: CompletionRequest,
	signal: AbortSignal,
): Promise<Completion | Failure> {
	const { model, contextWindow } = request.settings;
	const { live } = request;
	if (attachmentsIn(request.content).some(({ kind }) => kind === 'pdf')) {
		return { kind: 'failure', reason: 'invalid_request', message: 'Ollama takes images, but no PDF' };
	}
	const body = toOllamaRequest(request);
	const { received, thrown } = await call(settings, '/api/chat', signal, body, live && withoutLeadingThoughts(live));

	if (received?.kind === 'reply' && received.status < 300) {
		const answer = fromOllamaReply(received.json, model, contextWindow, request.content.tools);
		if (answer !== undefined) return cutFailure(received.json, body, answer) ?? answer;
	}
	return failureFrom(received, thrown, { settings, request, classify: ollamaVerdict(model) });
}

/**
 * If Ollama cut the prompt, the answer is reported as a failure despite its status 200, and is not offered to a
 * reviewer as a draft.
 */
function cutFailure(reply: unknown, sent: OllamaRequest, { model, usage }: Completion): Failure | undefined {
	const promptTokens = promptTokensOf(reply);
	const { certain, perhaps } = wordsOf(sent);
	const window = sent.options.num_ctx;
	if (promptTokens === undefined || !promptWasCut(certain, promptTokens, window, perhaps)) return undefined;
	return {
		kind: 'failure',
		reason: 'context_too_long',
		message: `Ollama read only ${promptTokens} tokens of the prompt; it needs a larger context window (num_ctx)`,
		httpStatus: 200,
		model,
		...(usage !== undefined && { usage }),
	};
}

/**
 * The texts of a prompt: `certain` is always sent to the model, `perhaps` may be left out. Some templates show tools
 * only with the last user message, and drop text beside tool calls; others rewrite the tools in another format.
 */
function wordsOf({ messages, tools }: OllamaRequest): { readonly certain: string; readonly perhaps: string } {
	const isCertain = ({ role, tool_calls }: OllamaMessage) => role !== 'assistant' || tool_calls === undefined;
	const uncertain = messages.filter((message) => !isCertain(message));
	return {
		certain: messages
			.filter(isCertain)
			.map(({ content }) => content)
			.join('\n'),
		perhaps: uncertain.length === 0 && tools === undefined ? '' : JSON.stringify([uncertain, tools]),
	};
}

async function listModels(settings: ProviderSettings, signal: AbortSignal): Promise<readonly ModelEntry[] | Failure> {
	const { received, thrown } = await call(settings, '/api/tags', signal);
	const models = received?.kind === 'reply' && received.status < 300 ? asArray(at(received.json, 'models')) : undefined;
	if (models === undefined) return failureFrom(received, thrown, { settings });
	return models.slice(0, maxListedModels).flatMap((model) => {
		const id = asString(at(model, 'model')) ?? asString(at(model, 'name'));
		return id === undefined ? [] : [{ id, name: asString(at(model, 'name')) || id }];
	});
}

/** Sends one HTTP request: POST if there is a body, otherwise GET. */
async function call(
	settings: ProviderSettings,
	path: string,
	signal: AbortSignal,
	body?: OllamaRequest,
	live?: LiveReader,
): Promise<{ readonly received: Received | undefined; readonly thrown: unknown }> {
	const { baseUrl, network } = settings;
	const exchange = await openLiveExchange(network, signal, replyRedactor(settings), chatLines, live);
	const headers = {
		accept: 'application/json',
		'content-type': 'application/json',
		'user-agent': userAgent,
		...bearerOrLogin(settings),
	};
	const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify({ ...body, stream: exchange.isLive }) };
	const thrown = await thrownBy(async () => await fetchWith(headers, exchange)(`${baseUrl}${path}`, init));
	return { received: exchange.received, thrown };
}
