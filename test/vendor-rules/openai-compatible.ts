import { duplicatesIn, isObject, listOf, objectOf, objectsOf, textOf, type JsonObject } from './json';
import { pairingRules } from './openai/chat-messages';
import { refused, type Check, type Findings, type Violation } from './violation';

/** Where servers that speak OpenAI's chat completions refuse what others take. */
export interface Dialect {
	readonly toolCallId?: { readonly pattern: RegExp; readonly message: (id: string) => Violation };
	/** What reasoning of earlier turns has to do: stay away, come back beside tool calls, or as one likes. */
	readonly reasoningContent: 'refused' | 'wantedBesideCalls' | 'ignored';
	/** One system message at the beginning, then user and assistant in turn: what most chat templates demand. */
	readonly strictTemplate: boolean;
	/** A user turn may follow the result of a tool. */
	readonly userAfterTool: boolean;
	readonly endsWithAssistant: boolean;
	/** Words for `tool_choice`. */
	readonly toolChoices: readonly string[];
	/** Fields that are refused rather than ignored. */
	readonly refusedFields: readonly string[];
	readonly jsonWithTools: boolean;
}

const plain: Dialect = {
	reasoningContent: 'ignored',
	strictTemplate: false,
	userAfterTool: true,
	endsWithAssistant: true,
	toolChoices: ['none', 'auto', 'required'],
	refusedFields: [],
	jsonWithTools: true,
};

const mistralId = (id: string): Violation => {
	const message = `Tool call id was ${id} but must be a-z, A-Z, 0-9, with a length of 9.`;
	return refused('call-id', 'messages', message, { code: '3280' });
};

export const dialects = {
	plain,
	/** mistral-common, `request/validator`; the error of La Plateforme says the same. */
	mistral: {
		...plain,
		toolCallId: { pattern: /^[a-zA-Z0-9]{9}$/, message: mistralId },
		userAfterTool: false,
		endsWithAssistant: false,
		toolChoices: ['none', 'auto', 'any', 'required'],
		refusedFields: ['max_completion_tokens', 'reasoning_content', 'stream_options', 'service_tier', 'store'],
	},
	/** DeepSeek V4 thinks unless told not to, and wants its thoughts back beside each call of a tool. */
	deepseek: { ...plain, reasoningContent: 'wantedBesideCalls' },
	/** DeepSeek R1, as its own documentation had it until V3.1. */
	deepseekR1: { ...plain, reasoningContent: 'refused' },
	groq: { ...plain, reasoningContent: 'refused', jsonWithTools: false },
	/** vLLM, SGLang, llama.cpp, LM Studio: whatever the model's chat template says. */
	template: { ...plain, strictTemplate: true, endsWithAssistant: false },
} as const satisfies Readonly<Record<string, Dialect>>;

export type DialectName = keyof typeof dialects;

/** What a server refuses that speaks OpenAI's chat completions: the common ground, and its own dialect. */
export function checkOpenAiCompatible(name: DialectName = 'plain'): Check {
	const dialect: Dialect = dialects[name];
	return (request) => {
		const body = objectOf(request);
		return [...fieldRules(body, dialect), ...messageRules(body, dialect), ...toolRules(body, dialect)];
	};
}

function* fieldRules(body: JsonObject, dialect: Dialect): Findings {
	if (textOf(body['model']) === '') yield refused('model', 'model', 'model is required');
	for (const field of dialect.refusedFields.filter((name) => name in body)) {
		const message = `Extra inputs are not permitted: ${field}`;
		yield refused('unknown-parameter', field, message, { status: 422, code: 'extra_forbidden' });
	}
	const format = objectOf(body['response_format'])['type'];
	const wantsJson = format === 'json_object' || format === 'json_schema';
	if (wantsJson && listOf(body['tools']).length > 0 && !dialect.jsonWithTools) {
		yield refused('json-with-tools', 'response_format', 'json mode cannot be combined with tool/function calling');
	}
	if (format === 'json_object' && !/json/i.test(JSON.stringify(body['messages'] ?? ''))) {
		const message = "Prompt must contain the word 'json' in some form to use 'response_format' of type 'json_object'.";
		yield refused('json-word', 'messages', message);
	}
}

function* messageRules(body: JsonObject, dialect: Dialect): Findings {
	const messages = objectsOf(body['messages']);
	if (messages.length === 0) yield refused('no-messages', 'messages', 'messages must not be empty');
	for (const [index, message] of messages) yield* oneMessageRules(message, index, body, dialect);
	yield* pairingRules(messages.map(([, message]) => message));
	yield* orderRules(
		messages.map(([, { role }]) => textOf(role)),
		dialect,
	);
}

function* oneMessageRules(message: JsonObject, index: number, body: JsonObject, dialect: Dialect): Findings {
	const path = `messages[${index}]`;
	const { role, content, reasoning_content: reasoning } = message;
	const calls = objectsOf(message['tool_calls']);
	if (!['system', 'user', 'assistant', 'tool'].includes(textOf(role))) {
		yield refused('role', `${path}.role`, `Unexpected role: ${textOf(role)}`);
	}
	const isEmpty = content === undefined || content === null || content === '' || listOf(content).length === 0;
	if (role === 'assistant' && isEmpty && typeof content !== 'string' && calls.length === 0) {
		const words = 'Assistant message must have either content or tool_calls, but not none.';
		yield refused('empty-assistant', path, words, { code: '3240' });
	}
	if (role !== 'assistant' && typeof content !== 'string' && !Array.isArray(content)) {
		yield refused('content', `${path}.content`, 'content must be a string or an array of parts');
	}
	if (reasoning !== undefined && dialect.reasoningContent === 'refused') {
		const words = `'${path.replace(/\[(\d+)\]/, '.$1')}' : property 'reasoning_content' is unsupported`;
		yield refused('reasoning-refused', path, words);
	}
	const thinks = objectOf(body['thinking'])['type'] !== 'disabled';
	const misses = typeof reasoning !== 'string' && calls.length > 0 && thinks;
	if (dialect.reasoningContent === 'wantedBesideCalls' && role === 'assistant' && misses) {
		const words = 'The `reasoning_content` in the thinking mode must be passed back to the API.';
		yield refused('reasoning-missing', path, words, { code: 'invalid_request_error' });
	}
	for (const [place, call] of calls) yield* callRules(call, `${path}.tool_calls[${place}]`, dialect);
	const ids = [...calls.map(([, { id }]) => textOf(id)), ...(role === 'tool' ? [textOf(message['tool_call_id'])] : [])];
	for (const id of ids) {
		if (dialect.toolCallId && !dialect.toolCallId.pattern.test(id)) yield dialect.toolCallId.message(id);
	}
	for (const id of duplicatesIn(ids)) yield refused('call-id-unique', path, `Duplicate tool call id: ${id}`);
}

/** Servers parse the arguments to put them into the template. */
function* callRules(call: JsonObject, path: string, { toolCallId }: Dialect): Findings {
	const { name, arguments: given } = objectOf(call['function']);
	if (textOf(call['id']) === '' && toolCallId === undefined) {
		yield refused('call-id', `${path}.id`, `${path}.id: Field required`);
	}
	if (textOf(name) === '') yield refused('call-name', `${path}.function.name`, `${path}.function.name: Field required`);
	try {
		if (isObject(JSON.parse(textOf(given)))) return;
	} catch {
		// Told below.
	}
	yield refused(
		'call-arguments',
		`${path}.function.arguments`,
		'Tool call arguments must be a JSON object in a string.',
	);
}

function* orderRules(roles: readonly string[], dialect: Dialect): Findings {
	if (!dialect.endsWithAssistant && roles.at(-1) === 'assistant') {
		const words = 'Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant';
		yield refused('last-role', 'messages', words, { code: '3230' });
	}
	for (const [index, role] of roles.entries()) {
		const before = roles[index - 1];
		if (role === 'user' && before === 'tool' && !dialect.userAfterTool) {
			yield refused('user-after-tool', `messages[${index}]`, "Unexpected role 'user' after role 'tool'", {
				code: '3230',
			});
		}
		if (!dialect.strictTemplate) continue;
		if (role === 'system' && index > 0) {
			yield refused('system-place', `messages[${index}]`, 'System message must be at the beginning.');
		}
		if (role === before && role !== 'tool' && role !== 'system') {
			const words = 'Conversation roles must alternate user/assistant/user/assistant/...';
			yield refused('alternation', `messages[${index}]`, words);
		}
	}
}

function* toolRules(body: JsonObject, dialect: Dialect): Findings {
	const names = objectsOf(body['tools']).map(([, tool]) => textOf(objectOf(tool['function'])['name']));
	for (const [index, name] of names.entries()) {
		if (/^[a-zA-Z0-9_-]{1,64}$/.test(name)) continue;
		const words =
			`Function name was ${name} but must be a-z, A-Z, 0-9, or contain underscores and dashes, ` +
			'with a maximum length of 64.';
		yield refused('tool-name', `tools[${index}].function.name`, words);
	}
	for (const name of duplicatesIn(names)) yield refused('tool-unique', 'tools', `Duplicate tool name: ${name}`);
	const choice = body['tool_choice'];
	if (choice !== undefined && names.length === 0) {
		yield refused('only-with-tools', 'tool_choice', "'tool_choice' is only allowed when 'tools' are specified.");
	} else if (typeof choice === 'string' && !dialect.toolChoices.includes(choice)) {
		yield refused('choice', 'tool_choice', `Unknown tool_choice: ${choice}`);
	} else if (isObject(choice) && !names.includes(textOf(objectOf(choice['function'])['name']))) {
		yield refused('choice', 'tool_choice', 'tool_choice names a function that is not in tools.');
	}
}
