import { saysContextOverflow } from './context-overflow';
import type { ErrorBody } from './error-body';
import { reasonOfWord, statusOf, type Verdict } from './failures';
import { at } from './json-path';
import type { Reply } from './transport';

/** The money or the plan is used up: waiting a minute does not help. */
const quotaWords =
	/insufficient[_ ](?:quota|balance|credits?|funds)|exceeded your current quota|billing_(?:hard_limit|limit|not_active)|credits? (?:balance|limit)|(?:all|no|out of|requires? more|insufficient) (?:available |your )?credits|spending[_ ]limit|key limit exceeded|payment required|free-models-per-day|budget_exceeded|budget has been exceeded/i;

const blockedWords =
	/content_filter|content_policy|content management policy|responsibleaipolicy|data_inspection_failed|content exists risk|flagged (?:as|by|for)|requires moderation|\bsafety (?:system|policy)|violat\w+ .{0,30}(?:usage|content) polic|"?code"?:? ?1301\b/i;

const modelWords =
	/model_(?:not_found|decommissioned|not_available|terminated|deprecated)|deploymentnotfound|invalid_model|unknown_model|model.{0,120}(?:does not exist|not exist|not found|not a valid model|decommissioned|has been (?:deprecated|removed|retired|shut down))|not a valid model id|\b(?:invalid|unknown) model\b|no models? (?:is |are )?(?:currently )?loaded|unable to access model|no endpoints found for/i;

const keyWords = /invalid[_ ]api[_ ]?key|(?:incorrect|invalid|wrong|expired|missing|no) api[- ]?key|api[- ]?key (?:is |was )?(?:invalid|not valid|incorrect|expired|missing|revoked)/i;

const overloadWords = /\boverloaded|(?:engine|server|service)[_ ](?:is )?(?:currently )?(?:overloaded|busy|unavailable)|at capacity|capacity exceeded/i;

/** The error that a reply with status 200 holds: OpenRouter puts one beside or into a choice, DeepSeek breaks off. */
export function errorInside(json: unknown): unknown {
	const error = at(json, 'error') || at(json, 'choices', 0, 'error');
	if (error) return error;
	return at(json, 'choices', 0, 'finish_reason') === 'insufficient_system_resource'
		? { code: 503, message: 'The server ran out of resources in the middle of the answer' }
		: undefined;
}

/** OpenAI's errors and those of the servers that copy its API, each with codes of its own. */
export function classifyOpenAi(reply: Reply, error: ErrorBody | undefined): Verdict | undefined {
	if (error === undefined) return undefined;
	const status = statusOf(reply, error);
	const { evidence } = error;
	const clientError = status === 200 || (status >= 400 && status < 500);

	if (clientError) {
		// More tokens than the plan grants per minute: the same request can never pass, a smaller one can.
		if (/request too large/i.test(evidence) && /tokens per (?:min|day)|\bTP[MD]\b/i.test(evidence)) {
			return { reason: 'rate_limited', retryAdvice: 'no_retry' };
		}
		if (quotaWords.test(evidence)) return { reason: 'quota_exhausted' };
		if (blockedWords.test(evidence) || error.code === 'invalid_prompt') return { reason: 'content_blocked' };
		if (status !== 429 && saysContextOverflow(evidence)) return { reason: 'context_too_long' };
		if (status !== 429 && modelWords.test(evidence)) return { reason: 'model_not_found' };
		if (status === 404 && /no endpoints found/i.test(evidence)) return { reason: 'invalid_request' };
		if (status === 401 && /missing scopes|insufficient permissions/i.test(evidence)) return { reason: 'permission_denied' };
		if ([200, 400, 403].includes(status) && keyWords.test(evidence)) return { reason: 'authentication' };
		if (overloadWords.test(evidence)) return { reason: 'overloaded' };
		if (error.code === 'json_validate_failed') return { reason: 'invalid_output' };
		if (/\bmodel has crashed\b/i.test(evidence)) return { reason: 'server_error' };
	}
	if (status !== 200) return undefined;
	const reason = reasonOfWord(error.code) ?? reasonOfWord(error.type);
	return reason && { reason };
}
