import { duplicatesIn, isObject, listOf, objectOf, objectsOf, textOf, type JsonObject } from '../json';
import { refused, type Findings } from '../violation';
import { emptyArrayRule, lengthRule, unknownFields } from './functions';

const messageFields: Readonly<Record<string, string>> = {
	developer: 'role content name',
	system: 'role content name',
	user: 'role content name',
	assistant: 'role content name refusal tool_calls audio function_call',
	tool: 'role content tool_call_id',
};

const partTypes: Readonly<Record<string, readonly string[]>> = {
	developer: ['text'],
	system: ['text'],
	user: ['text', 'image_url', 'input_audio', 'file'],
	assistant: ['text', 'refusal'],
	// OpenAPI: "For tool messages, only type `text` is supported."
	tool: ['text'],
};

/** Rules on each message, and on which may follow which. */
export function* messageRules(body: JsonObject): Findings {
	const messages = objectsOf(body['messages']);
	if (body['messages'] === undefined) {
		const message = "Missing required parameter: 'messages'.";
		yield refused('messages', 'messages', message, { code: 'missing_required_parameter' });
	}
	yield* emptyArrayRule(body['messages'], 'messages');
	for (const [index, message] of messages) {
		const role = textOf(message['role']);
		const known = messageFields[role];
		if (known === undefined) {
			const roles = Object.keys(messageFields)
				.map((name) => `'${name}'`)
				.join(', ');
			const words = `Invalid value: '${role}'. Supported values are: ${roles}.`;
			yield refused('role', `messages[${index}].role`, words, { code: 'invalid_value' });
			continue;
		}
		yield* unknownFields(message, known, `messages[${index}]`);
		yield* contentRules(message, index);
		if (role === 'assistant') yield* callRules(message, index);
	}
	yield* pairingRules(messages.map(([, message]) => message));
}

function* contentRules(message: JsonObject, index: number): Findings {
	const { content } = message;
	const role = textOf(message['role']);
	const path = `messages[${index}].content`;
	const mayBeNull = role === 'assistant' && (listOf(message['tool_calls']).length > 0 || message['refusal']);
	if ((content === null || content === undefined) && !mayBeNull) {
		const words = `Invalid value for 'content': expected a string, got null.`;
		yield refused('content-null', `messages.[${index}].content`, words);
	} else if (typeof content !== 'string' && content !== null && content !== undefined && !Array.isArray(content)) {
		const words = `Invalid type for '${path}': expected one of a string or array of objects.`;
		yield refused('content-type', path, words, { code: 'invalid_type' });
	}
	yield* emptyArrayRule(content, path);
	for (const [place, part] of objectsOf(content)) yield* partRules(part, role, `${path}[${place}]`);
}

function* partRules(part: JsonObject, role: string, path: string): Findings {
	const type = textOf(part['type']);
	if (type === 'image_url' && role !== 'user') {
		const words =
			"Image URLs are only allowed for messages with role 'user', " +
			`but this message with role '${role}' contains an image URL.`;
		yield refused('image-role', path, words);
		return;
	}
	if (!(partTypes[role] ?? []).includes(type)) {
		const supported = (partTypes[role] ?? []).map((name) => `'${name}'`).join(', ');
		const words = `Invalid value: '${type}'. Supported values are: ${supported}.`;
		yield refused('part-type', `${path}.type`, words, { code: 'invalid_value' });
	}
	const url = textOf(objectOf(part['image_url'])['url']);
	if (
		type === 'image_url' &&
		!/^(?:https?:\/\/|data:image\/(?:png|jpeg|webp|gif);base64,[A-Za-z0-9+/]+=*$)/.test(url)
	) {
		const words = 'You uploaded an unsupported image. Please make sure your image has of one the following formats: ';
		yield refused('image', path, `${words}['png', 'jpeg', 'gif', 'webp'].`, { code: 'image_parse_error' });
	}
	if (type === 'file') yield* fileRules(objectOf(part['file']), `${path}.file`);
}

/** The guide on files: data as a data URL, beside a name. */
function* fileRules(file: JsonObject, path: string): Findings {
	if (file['file_id'] !== undefined) return;
	if (textOf(file['filename']) === '') {
		const words = `Missing required parameter: '${path}.filename'.`;
		yield refused('file-name', path, words, { code: 'missing_required_parameter' });
	}
	if (!/^data:application\/pdf;base64,[A-Za-z0-9+/]+=*$/.test(textOf(file['file_data']))) {
		const words = `Invalid '${path}.file_data'. Expected a base64-encoded data URL with a supported MIME type.`;
		yield refused('file-data', path, words, { code: 'invalid_value' });
	}
}

/** OpenAI's own IDs have 29 characters; the limit of 40 is known from its error message alone. */
function* callRules(message: JsonObject, index: number): Findings {
	const calls = objectsOf(message['tool_calls']);
	yield* emptyArrayRule(message['tool_calls'], `messages[${index}].tool_calls`);
	for (const [place, call] of calls) {
		const path = `messages[${index}].tool_calls[${place}]`;
		yield* unknownFields(call, 'id type function', path);
		yield* unknownFields(objectOf(call['function']), 'name arguments', `${path}.function`);
		for (const [field, value] of [
			['id', call['id']],
			['type', call['type']],
			['function.name', objectOf(call['function'])['name']],
			['function.arguments', objectOf(call['function'])['arguments']],
		] as const) {
			const where = `${path}.${field}`;
			if (value === undefined || value === '') {
				const words = `Missing required parameter: '${where}'.`;
				if (field === 'function.arguments' && value === '') continue;
				yield refused('call-field', where, words, { code: 'missing_required_parameter' });
			} else if (typeof value !== 'string') {
				const got = isObject(value) ? 'an object' : `a ${typeof value}`;
				const words = `Invalid type for '${where}': expected a string, but got ${got} instead.`;
				yield refused('call-field', where, words, { code: 'invalid_type' });
			}
		}
		yield* lengthRule(textOf(call['id']), 40, `${path}.id`, 'call-id-length');
	}
	for (const id of duplicatesIn(calls.map(([, { id }]) => textOf(id)))) {
		const words = `Duplicate value for 'tool_call_id' of '${id}' in message[${index}].`;
		yield refused('call-id-unique', `messages[${index}].tool_calls`, words);
	}
}

/** Every call is answered by one tool message, before any other message. */
export function* pairingRules(messages: readonly JsonObject[]): Findings {
	let open: string[] = [];
	let asked: readonly string[] = [];
	for (const [index, message] of messages.entries()) {
		const path = `messages.[${index}].role`;
		if (message['role'] === 'tool') {
			const id = textOf(message['tool_call_id']);
			yield* lengthRule(id, 40, `messages[${index}].tool_call_id`, 'call-id-length');
			if (asked.length === 0) {
				const words =
					"Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
				yield refused('result-unexpected', path, words);
			} else if (!asked.includes(id)) {
				const words = `Invalid parameter: 'tool_call_id' of '${id}' not found in 'tool_calls' of previous message.`;
				yield refused('result-unexpected', path, words);
			}
			open = open.filter((waiting) => waiting !== id);
			continue;
		}
		if (open.length > 0) yield refused('result-missing', path, missingResults(open));
		const calls = message['role'] === 'assistant' ? objectsOf(message['tool_calls']) : [];
		asked = calls.map(([, { id }]) => textOf(id));
		open = [...asked];
	}
	if (open.length > 0) yield refused('result-missing', `messages.[${messages.length}].role`, missingResults(open));
}

function missingResults(ids: readonly string[]): string {
	return (
		"An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. " +
		`The following tool_call_ids did not have response messages: ${ids.join(', ')}`
	);
}
