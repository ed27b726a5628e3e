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

/** As many as a list in the editor can show. */
const maxListedModels = 1000;

/**
 * Ollama's own `/api/chat`. Its OpenAI-compatible `/v1` ignores `num_ctx`, and its npm package reads a file when an
 * image string names one.
 */
export function createOllama(settings: ProviderSettings): Provider {
	const own = { ...settings, apiKey: settings.apiKey.trim(), baseUrl: withoutPath(settings.baseUrl) };
	return {
		complete: (request, signal) => complete(own, request, signal),
		listModels: (signal) => listModels(own, signal),
	};
}

/** People copy the address with the path of the one or the other API. */
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

/** An answer to half a question is a failure, whatever its status says; it is not worth a human's time as a draft. */
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
 * What a prompt is made of. Some templates show tools only beside the user's last words, and nothing that a model said
 * beside its calls; others put tools into a language of their own.
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

/** One HTTP request: a POST when there is a body. */
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
