import { agent, agentDraft, type AgentOptions } from './agent.ts';
import { plugInto, sent, trigger, type ModelPlug } from './model-plug.ts';
import { triggerNode } from './triggers.ts';
import type { Draft, Node, Wire } from './workflow.ts';

const ofLangChain = '@n8n/n8n-nodes-langchain.';
const byWebhook = { kind: 'webhook', streamed: false } as const;

const places = {
	type: 'object',
	properties: { state: { type: 'string' }, cities: { type: 'array', items: { type: 'string' } } },
	required: ['state', 'cities'],
};

/** The parser asks for JSON of this shape; n8n wraps what the user wants in `output`. */
export const parsedPlaces = { output: { state: 'California', cities: ['Fresno'] } };

function draft(
	path: string,
	plug: ModelPlug,
	consumer: Node,
	more: readonly Node[] = [],
	wires: readonly Wire[] = [],
): Draft {
	return {
		path,
		nodes: [triggerNode(path, byWebhook), consumer, ...plug.nodes, ...more],
		wires: [{ from: trigger, to: consumer.name, type: 'main' }, ...plug.wires, ...wires],
	};
}

/** Basic LLM Chain: one prompt, one answer; with a second model it has a fallback, as an agent does. */
export function basicChain(path: string, plug: ModelPlug): Draft {
	const parameters = { promptType: 'define', text: sent('chatInput'), needsFallback: plug.models.length > 1 };
	const chain: Node = { name: 'Chain', type: `${ofLangChain}chainLlm`, typeVersion: 1.9, parameters };
	return draft(path, plug, chain, [], plugInto(chain.name, plug));
}

/** Information Extractor for a person's name and age. */
export function informationExtractor(path: string, plug: ModelPlug): Draft {
	const attributes = [
		{ name: 'name', type: 'string', description: 'Who it is', required: true },
		{ name: 'age', type: 'number', description: 'How old', required: true },
	];
	const parameters = { text: sent('chatInput'), attributes: { attributes }, options: {} };
	const extractor: Node = {
		name: 'Extractor',
		type: `${ofLangChain}informationExtractor`,
		typeVersion: 1.2,
		parameters,
	};
	return draft(path, plug, extractor, [], plugInto(extractor.name, plug, 1));
}

/** Text Classifier with two categories; what is billing leaves by the first output. */
export function textClassifier(path: string, plug: ModelPlug): Draft {
	const categories = [
		{ category: 'billing', description: 'About money' },
		{ category: 'technical', description: 'About defects' },
	];
	const parameters = { inputText: sent('chatInput'), categories: { categories }, options: {} };
	const classifier: Node = { name: 'Classifier', type: `${ofLangChain}textClassifier`, typeVersion: 1.1, parameters };
	return draft(path, plug, classifier, [], plugInto(classifier.name, plug, 1));
}

/** Basic LLM Chain with a Structured Output Parser that asks a model to mend what does not fit. */
export function autoFixingParser(path: string, plug: ModelPlug): Draft {
	const chain: Node = {
		name: 'Chain',
		type: `${ofLangChain}chainLlm`,
		typeVersion: 1.9,
		parameters: {
			promptType: 'define',
			text: sent('chatInput'),
			hasOutputParser: true,
			needsFallback: plug.models.length > 1,
		},
	};
	const parser: Node = {
		name: 'Parser',
		type: `${ofLangChain}outputParserStructured`,
		typeVersion: 1.3,
		parameters: { schemaType: 'manual', inputSchema: JSON.stringify(places), autoFix: true },
	};
	const wires: readonly Wire[] = [
		...plugInto(chain.name, plug),
		...plugInto(parser.name, plug, 1),
		{ from: parser.name, to: chain.name, type: 'ai_outputParser' },
	];
	return draft(path, plug, chain, [parser], wires);
}

/** The agent with a Structured Output Parser: it answers by calling a tool of n8n's that holds the format. */
export function agentWithParser(options: Omit<AgentOptions, 'trigger'>): Draft {
	const { nodes, wires, path } = agentDraft({ ...options, trigger: byWebhook });
	const parser: Node = {
		name: 'Parser',
		type: `${ofLangChain}outputParserStructured`,
		typeVersion: 1.3,
		parameters: { schemaType: 'manual', inputSchema: JSON.stringify(places), autoFix: true },
	};
	return {
		path,
		nodes: [
			...nodes.map((node) =>
				node.name === agent ? { ...node, parameters: { ...node.parameters, hasOutputParser: true } } : node,
			),
			parser,
		],
		wires: [
			...wires,
			...plugInto(parser.name, options.plug, 1),
			{ from: parser.name, to: agent, type: 'ai_outputParser' },
		],
	};
}

/** A plug behind n8n's Model Selector, which picks its first model for every item. */
export function behindSelector(plug: ModelPlug): ModelPlug {
	const name = 'Model Selector';
	const always = {
		options: { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 },
		conditions: [{ id: 'always', leftValue: 'a', rightValue: 'a', operator: { type: 'string', operation: 'equals' } }],
		combinator: 'and',
	};
	const numberInputs = Math.max(2, plug.models.length);
	const selector: Node = {
		name,
		type: `${ofLangChain}modelSelector`,
		typeVersion: 1,
		parameters: { numberInputs, rules: { rule: [{ modelIndex: 1, conditions: always }] } },
	};
	// Every input of the selector must be wired.
	const inputs = Array.from(
		{ length: numberInputs },
		(_, input) => plug.models[Math.min(input, plug.models.length - 1)] ?? '',
	);
	return {
		...plug,
		id: `${plug.id}-selected`,
		nodes: [...plug.nodes, selector],
		wires: [...plug.wires, ...inputs.map((from, input): Wire => ({ from, to: name, type: 'ai_languageModel', input }))],
		models: [name],
	};
}
