import { isObject, listOf, objectOf, objectsOf, schemasIn, textOf, type JsonObject } from './json';
import { refused, warning, type Check, type Findings } from './violation';

/**
 * What Ollama's `POST /api/chat` refuses, or takes and does something else with. Source: ollama/ollama of August 2026,
 * `api/types.go` (the body is decoded into these structs) and `server/routes.go`, `ChatHandler`.
 */
export const checkOllamaChat: Check = (request) => {
	const body = objectOf(request);
	return [...fieldRules(body), ...messageRules(body), ...toolRules(body)];
};

/** Go's own words when a JSON value does not fit a field. */
function* fieldType(value: unknown, wanted: 'string' | 'bool' | 'array' | 'object', path: string): Findings {
	const got = Array.isArray(value)
		? 'array'
		: value === null
			? 'null'
			: typeof value === 'boolean'
				? 'bool'
				: typeof value;
	if (value === undefined || got === 'null' || got === wanted) return;
	const goType = { string: 'string', bool: 'bool', array: 'slice', object: 'struct' }[wanted];
	const message = `json: cannot unmarshal ${got} into Go struct field ${path} of type ${goType}`;
	yield refused('field-type', path, message);
}

const options = 'num_ctx num_predict temperature top_p top_k seed stop repeat_penalty min_p num_keep'.split(' ');

function* fieldRules(body: JsonObject): Findings {
	if (textOf(body['model']) === '') yield refused('model', 'model', 'model is required');
	yield* fieldType(body['stream'], 'bool', 'ChatRequest.stream');
	yield* fieldType(body['truncate'], 'bool', 'ChatRequest.truncate');
	yield* fieldType(body['shift'], 'bool', 'ChatRequest.shift');
	yield* fieldType(body['options'], 'object', 'ChatRequest.options');
	const { think, format } = body;
	const levels = ['high', 'medium', 'low', 'max'];
	if (think !== undefined && typeof think !== 'boolean' && !levels.includes(textOf(think))) {
		const message = `invalid think value: "${String(think)}" (must be "high", "medium", "low", "max", true, or false)`;
		yield refused('think', 'think', message);
	}
	if (format !== undefined && format !== 'json' && !isObject(format)) {
		const message = `invalid format: ${JSON.stringify(format)}; expected "json" or a valid JSON Schema object`;
		yield refused('format', 'format', message, { status: 500 });
	}
	for (const name of Object.keys(objectOf(body['options']))) {
		if (!options.includes(name)) yield warning('option', `options.${name}`, `Ollama ignores the option ${name}.`);
	}
	// Without them Ollama drops the front of a conversation that does not fit, and answers the rest.
	for (const name of ['truncate', 'shift']) {
		if (body[name] !== false) yield warning('silent-loss', name, `Unless ${name} is false, messages may be dropped.`);
	}
	// routes.go: the grammar is set for the whole answer, and a call of a tool does not fit it.
	if (format !== undefined && listOf(body['tools']).length > 0) {
		yield warning('format-with-tools', 'format', 'With a format, most models cannot call a tool.');
	}
	for (const name of ['tool_choice', 'response_format', 'max_tokens', 'temperature', 'parallel_tool_calls']) {
		if (name in body) yield warning('ignored-field', name, `/api/chat does not know ${name} and ignores it.`);
	}
}

function* messageRules(body: JsonObject): Findings {
	yield* fieldType(body['messages'], 'array', 'ChatRequest.messages');
	const messages = objectsOf(body['messages']);
	if (messages.length === 0) {
		yield warning('no-messages', 'messages', 'Without messages the model is loaded, and the answer is empty.');
	}
	for (const [index, message] of messages) {
		const path = 'ChatRequest.messages';
		yield* fieldType(message['content'], 'string', `${path}.content`);
		yield* fieldType(message['thinking'], 'string', `${path}.thinking`);
		yield* fieldType(message['tool_name'], 'string', `${path}.tool_name`);
		yield* fieldType(message['tool_call_id'], 'string', `${path}.tool_call_id`);
		yield* fieldType(message['tool_calls'], 'array', `${path}.tool_calls`);
		yield* fieldType(message['images'], 'array', `${path}.images`);
		if (!['system', 'user', 'assistant', 'tool'].includes(textOf(message['role']))) {
			yield warning('role', `messages[${index}].role`, 'No template knows this role; the message may be left out.');
		}
		for (const image of listOf(message['images'])) yield* imageRules(image, `messages[${index}].images`);
		for (const [place, call] of objectsOf(message['tool_calls'])) {
			yield* callRules(call, `messages[${index}].tool_calls[${place}]`);
		}
	}
	yield* pairingRules(messages.map(([, message]) => message));
	// Engines of llama-server render the model's own template, which looks for a question.
	if (messages.length > 0 && !messages.some(([, { role }]) => role === 'user')) {
		yield refused('no-user', 'messages', 'no user query found in messages', { status: 500 });
	}
}

function* imageRules(image: unknown, path: string): Findings {
	const text = textOf(image);
	const wrong = text.search(/[^A-Za-z0-9+/=]/);
	if (wrong >= 0) yield refused('image', path, `illegal base64 data at input byte ${wrong}`);
	else if (text === '' || text.length % 4 !== 0) {
		yield refused('image', path, `illegal base64 data at input byte ${text.length}`);
	}
}

function* callRules(call: JsonObject, path: string): Findings {
	const { name, arguments: given } = objectOf(call['function']);
	if (!isObject(given) && given !== undefined) {
		const got = typeof given === 'string' ? 'string' : Array.isArray(given) ? 'array' : typeof given;
		const message = `json: cannot unmarshal ${got} into Go struct field ChatRequest.messages.tool_calls.function`;
		yield refused('call-arguments', `${path}.function.arguments`, message);
	}
	if (textOf(name) === '') yield warning('call-name', `${path}.function.name`, 'A call without a name.');
}

/** Ollama checks none of this; templates put a result behind the name, newer engines behind the ID. */
function* pairingRules(messages: readonly JsonObject[]): Findings {
	let open = 0;
	for (const [index, message] of messages.entries()) {
		const path = `messages[${index}]`;
		if (message['role'] === 'tool') {
			open -= 1;
			if (open < 0) yield warning('result-unexpected', path, 'A result without a call before it.');
			if (textOf(message['tool_name']) === '') {
				yield warning('result-name', path, 'Without tool_name a template cannot say whose result it is.');
			}
			continue;
		}
		if (open > 0) yield warning('result-missing', path, `${open} calls before it have no result.`);
		open = listOf(message['tool_calls']).length;
	}
	if (open > 0) yield warning('result-missing', 'messages', `${open} calls have no result.`);
}

/** `ToolFunctionParameters` and `ToolProperty` in api/types.go, and what says nothing that a model needs. */
const schemaFields = (
	'type $defs items required properties anyOf description enum ' + 'additionalProperties $schema title default'
).split(' ');

function* toolRules(body: JsonObject): Findings {
	yield* fieldType(body['tools'], 'array', 'ChatRequest.tools');
	for (const [index, tool] of objectsOf(body['tools'])) {
		const definition = objectOf(tool['function']);
		const path = `tools[${index}].function`;
		yield* fieldType(definition['name'], 'string', 'ChatRequest.tools.function.name');
		yield* fieldType(definition['description'], 'string', 'ChatRequest.tools.function.description');
		yield* fieldType(definition['parameters'], 'object', 'ChatRequest.tools.function.parameters');
		if (textOf(definition['name']) === '') yield warning('tool-name', path, 'A tool without a name.');
		for (const [place, schema] of schemasIn(definition['parameters'])) {
			yield* fieldType(schema['required'], 'array', `ChatRequest.tools.function.parameters${place}.required`);
			const { type } = schema;
			const fits = type === undefined || typeof type === 'string' || Array.isArray(type);
			if (!fits) yield* fieldType(type, 'array', `ChatRequest.tools.function.parameters${place}.type`);
		}
		for (const [place, schema] of schemasIn(definition['parameters'])) {
			const lost = Object.keys(schema).filter((key) => !schemaFields.includes(key));
			const where = `${path}.parameters${place}`;
			if (lost.length > 0)
				yield warning('schema-loss', where, `Ollama drops ${lost.join(', ')}: the model never sees it.`);
		}
		for (const [name, property] of Object.entries(objectOf(objectOf(definition['parameters'])['properties']))) {
			yield* fieldType(property, 'object', `ChatRequest.tools.function.parameters.properties.${name}`);
		}
	}
}
