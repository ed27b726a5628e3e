import { blockRules, extraFields, textRules } from './anthropic/blocks';
import { cachingRules } from './anthropic/caching';
import { claudeTraits } from './anthropic/models';
import { pairingRules } from './anthropic/pairing';
import { thinkingRules } from './anthropic/thinking';
import { outputRules, toolRules } from './anthropic/tools';
import { hasLoneSurrogate, listOf, objectOf, objectsOf, textOf, type JsonObject } from './json';
import { refused, type Call, type Check, type Findings } from './violation';

/**
 * What `POST /v1/messages` refuses. Sources: platform.claude.com (errors, handle-tool-calls, define-tools, thinking,
 * prompt-caching, vision, pdf-support, versioning), the types of @anthropic-ai/sdk 1.11.0, and error messages as
 * several people quote them word for word in public issues.
 */
export const checkAnthropicMessages: Check = (request, call = {}) => {
	const body = objectOf(request);
	return [
		...fieldRules(body, call),
		...messageRules(body),
		...pairingRules(body),
		...toolRules(body),
		...outputRules(body),
		...thinkingRules(body, call),
		...cachingRules(body),
	];
};

const topLevel =
	'model max_tokens messages cache_control container diagnostics inference_geo metadata output_config service_tier ' +
	'speed stop_sequences stream system thinking tool_choice tools';
const sampling = ['temperature', 'top_p', 'top_k'];

function* fieldRules(body: JsonObject, call: Call): Findings {
	// "Versions": 2026-10-21 has no sampling parameters at all, not even at their defaults.
	const version = call.headers?.['anthropic-version'];
	if (call.headers !== undefined && version === undefined) {
		yield refused('version', 'headers', 'anthropic-version: header is required');
	}
	const isCurrent = version === undefined || version >= '2026-10-21';
	yield* extraFields(body, isCurrent ? topLevel : `${topLevel} ${sampling.join(' ')}`, '');
	if (
		!isCurrent &&
		!claudeTraits(textOf(body['model'])).sampling &&
		![undefined, 1].includes(body['temperature'] as number)
	) {
		yield refused('temperature', 'temperature', '`temperature` is deprecated for this model.');
	}
	for (const field of ['model', 'max_tokens', 'messages']) {
		if (body[field] === undefined) yield refused('required', field, `${field}: Field required`);
	}
	const most = body['max_tokens'];
	if (most !== undefined && (!Number.isInteger(most) || Number(most) < 0)) {
		yield refused('max-tokens', 'max_tokens', 'max_tokens: Input should be greater than or equal to 0');
	}
	if (![undefined, 'auto', 'standard_only'].includes(body['service_tier'] as string)) {
		yield refused('service-tier', 'service_tier', "service_tier: Input should be 'auto' or 'standard_only'");
	}
	if (hasLoneSurrogate(body)) {
		yield refused('surrogate', 'body', 'The request body is not valid JSON: no low surrogate in string');
	}
	yield* textRules(body['system'], 'system');
	const length = Number(call.headers?.['content-length'] ?? JSON.stringify(body).length);
	if (length > 32 * 1024 * 1024) {
		const message = 'Request exceeds the maximum size';
		yield refused('size', 'body', message, { status: 413 });
	}
}

function* messageRules(body: JsonObject): Findings {
	const messages = objectsOf(body['messages']);
	if (messages.length === 0) yield refused('no-messages', 'messages', 'messages: at least one message is required');
	const traits = claudeTraits(textOf(body['model']));
	for (const [index, message] of messages) {
		const path = `messages.${index}`;
		const { role, content } = message;
		yield* extraFields(message, 'role content', path);
		if (!['user', 'assistant', 'system'].includes(textOf(role))) {
			const message = `Unexpected role "${textOf(role)}". Allowed roles are "user" or "assistant".`;
			yield refused('role', `${path}.role`, `messages: ${message}`);
		}
		if (role === 'system')
			yield* systemMessageRules(
				messages.map(([, { role }]) => role),
				index,
				traits.systemMessages,
			);
		const isLast = index === messages.length - 1;
		if ((content === '' || listOf(content).length === 0) && typeof content !== 'string') {
			const message = 'all messages must have non-empty content except for the optional final assistant message';
			yield refused('empty-message', path, `${path}: ${message}`);
		}
		yield* textRules(content, 'messages');
		for (const [place, block] of objectsOf(content)) yield* blockRules(block, `${path}.content.${place}`, message);
		if (isLast && role === 'assistant') yield* prefillRules(content, traits.prefill);
	}
	if (messages.length > 0 && messages[0]?.[1]['role'] !== 'user') {
		yield refused('first-role', 'messages', 'messages: first message must use the "user" role');
	}
}

function* systemMessageRules(roles: readonly unknown[], index: number, isKnown: boolean): Findings {
	const path = `messages.${index}`;
	if (!isKnown) {
		const message =
			'Unexpected role "system". The Messages API accepts a top-level `system` parameter, ' +
			'not "system" as an input message role.';
		yield refused('system-message', path, `messages: ${message}`);
	} else if (index === 0 || !['user', 'system'].includes(textOf(roles[index - 1])) || roles[index + 1] === 'user') {
		// "Mid-conversation system messages", Limitations: after a user turn, before an assistant turn or at the end.
		yield refused(
			'system-message',
			path,
			`${path}: a system message must follow a user turn and precede an assistant turn`,
		);
	}
}

function* prefillRules(content: unknown, mayPrefill: boolean): Findings {
	const last = objectOf(listOf(content).at(-1));
	const text = typeof content === 'string' ? content : textOf(last['text']);
	if (!mayPrefill) {
		const message =
			'This model does not support assistant message prefill. The conversation must end with a user message.';
		yield refused('prefill', 'messages', message);
	} else if (text !== text.trimEnd()) {
		const message = 'messages: final assistant content cannot end with trailing whitespace';
		yield refused('prefill-whitespace', 'messages', message);
	}
}
