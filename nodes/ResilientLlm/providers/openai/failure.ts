import { saysContextOverflow } from '../errors/context-overflow';
import type { ErrorBody } from '../errors/error-body';
import { reasonOfWord } from '../errors/reasons';
import type { ReportedError } from '../errors/reported-error';
import { statusOf, type Verdict } from '../errors/verdict';
import { at } from '../json/json-path';
import { says } from '../errors/says';

/** Messages saying that the credit or the plan is used up, so that waiting a minute does not help. */
const quotaWords: readonly RegExp[] = [
	/insufficient[_ ](?:quota|balance|credits?|funds)/i, // OpenAI, DeepSeek
	/exceeded your current quota/i,
	/billing_(?:hard_limit|limit|not_active)/i,
	/(?:all|no|out of|requires? more) (?:available )?credits/i, // xAI, OpenRouter
	/spending[_ ]limit|key limit exceeded|free-models-per-day/i, // xAI, OpenRouter
	/budget_exceeded/i, // LiteLLM
	/payment required/i,
];

const blockedWords: readonly RegExp[] = [
	/content_filter|content management policy|responsibleaipolicy/i, // Azure
	/content_policy|safety (?:system|policy)|\binvalid_prompt\b/i, // OpenAI
	/violat\w{1,10} .{0,30}(?:usage|content) polic/i,
	/requires moderation|flagged (?:as|by|for)/i, // OpenRouter
	/data_inspection_failed/i, // Qwen
	/content exists risk/i, // DeepSeek
];

const modelWords: readonly RegExp[] = [
	/model_(?:not_found|decommissioned|not_available|terminated|deprecated)|invalid_model|unknown_model/i,
	/deploymentnotfound/i, // Azure
	/model.{0,120}(?:does not exist|not exist|not found|decommissioned|has been (?:deprecated|removed|retired|shut down))/i,
	/not a valid model/i, // OpenRouter
	/\b(?:invalid|unknown) model\b/i, // Mistral
	/no models? (?:is |are )?(?:currently )?loaded/i, // LM Studio
	/unable to access model/i, // Together
	/no endpoints found for/i, // OpenRouter
];

const keyWords: readonly RegExp[] = [
	/invalid[_ ]api[_ ]?key/i,
	/(?:incorrect|invalid|wrong|expired|missing|no) api[- ]?key/i, // xAI says so with status 400
	/api[- ]?key (?:is |was )?(?:invalid|not valid|incorrect|expired|missing|revoked)/i,
];

const overloadWords: readonly RegExp[] = [
	/\boverloaded/i, // OpenAI, TGI
	/(?:engine|server|service)[_ ](?:is )?(?:currently )?(?:busy|unavailable)/i,
	/at capacity|capacity exceeded/i, // Groq, Mistral
];

/**
 * The error inside a reply with status 200: OpenRouter puts one beside the choices or into one, DeepSeek stops midway,
 * and OpenAI's Responses API can return a failed response. Undefined if there is none.
 */
export function errorInside(json: unknown): unknown {
	const error = at(json, 'error') || at(json, 'choices', 0, 'error');
	if (error) return error;
	if (at(json, 'choices', 0, 'finish_reason') === 'insufficient_system_resource') {
		return { code: 503, message: 'The server ran out of resources in the middle of the answer' };
	}
	const failed = at(json, 'object') === 'response' && at(json, 'status') === 'failed';
	return failed ? { code: 'server_error', message: 'The model failed to answer' } : undefined;
}

/** Classifies errors of OpenAI and compatible servers, which use different error codes. */
export function classifyOpenAi(reply: ReportedError, error: ErrorBody | undefined): Verdict | undefined {
	if (error === undefined) return undefined;
	const status = statusOf(reply, error);
	const { evidence } = error;
	const clientError = status === 200 || (status >= 400 && status < 500);

	if (clientError) {
		// The request has more tokens than the plan allows per minute: it can never succeed, but a smaller one can.
		if (/request too large/i.test(evidence) && /tokens per (?:min|day)|\bTP[MD]\b/i.test(evidence)) {
			return { reason: 'rate_limited', retryAdvice: 'no_retry' };
		}
		if (says(evidence, quotaWords)) return { reason: 'quota_exhausted' };
		if (says(evidence, blockedWords)) return { reason: 'content_blocked' };
		if (status !== 429 && saysContextOverflow(evidence)) return { reason: 'context_too_long' };
		if (status !== 429 && says(evidence, modelWords)) return { reason: 'model_not_found' };
		if (status === 404 && /no endpoints found/i.test(evidence)) return { reason: 'invalid_request' };
		if (status === 401 && /missing scopes|insufficient permissions/i.test(evidence))
			return { reason: 'permission_denied' };
		if ([200, 400, 403].includes(status) && says(evidence, keyWords)) return { reason: 'authentication' };
		if (says(evidence, overloadWords)) return { reason: 'overloaded' };
		// Groq's error codes for a model whose output does not match the requested format.
		if (['json_validate_failed', 'tool_use_failed'].includes(error.code)) return { reason: 'invalid_output' };
		if (/\bmodel has crashed\b/i.test(evidence)) return { reason: 'server_error' };
	}
	if (status !== 200) return undefined;
	const reason = reasonOfWord(error.code) ?? reasonOfWord(error.type);
	return reason && { reason };
}
