import { claudeTraits, type ThinkingType } from './models';
import { isObject, listOf, objectOf, objectsOf, textOf, type JsonObject } from '../json';
import { digest, seal, unseal } from '../seal';
import { refused, warning, type Call, type Findings } from '../violation';

const bindingBeta = 'thinking-binding-controls-2026-08-01';

/** Rules on `thinking`, and on the thinking blocks that come back. */
export function* thinkingRules(body: JsonObject, call: Call): Findings {
	const model = textOf(body['model']);
	const traits = claudeTraits(model);
	const config = objectOf(body['thinking']);
	const type = config['type'] as ThinkingType | undefined;
	const effort = objectOf(body['output_config'])['effort'];

	if (body['thinking'] !== undefined && (type === undefined || !traits.thinking.includes(type))) {
		yield refused('thinking-type', 'thinking', thinkingTypeMessage(type));
	}
	// platform.claude.com "Troubleshooting thinking", note 2: refused above effort high on each request.
	const lowered = type === 'disabled' || type === 'between_tools';
	if (lowered && traits.lowestThinkingUpTo !== undefined && (effort === 'xhigh' || effort === 'max')) {
		yield refused(
			'thinking-off-at-high-effort',
			'thinking',
			`"thinking.type.${type}" is not supported at effort ${effort}.`,
		);
	}
	if (type === 'enabled') yield* budgetRules(config, body);
	// SDK types: `display` belongs to the two kinds that think.
	if (type === 'disabled' && config['display'] !== undefined) {
		yield refused(
			'thinking-display',
			'thinking.disabled.display',
			'thinking.disabled.display: Extra inputs are not permitted',
		);
	}

	const forces = ['any', 'tool'].includes(textOf(objectOf(body['tool_choice'])['type']));
	if (forces && type === 'enabled') {
		const message = 'Thinking may not be enabled when tool_choice forces tool use.';
		yield refused('thinking-with-forced-tool', 'tool_choice', message);
	} else if (forces && !traits.forcedTools) {
		// "What's new in Claude Opus 5.5": forced tool use returns an error. The words as quoted in public issues.
		yield refused('forced-tool', 'tool_choice', 'tool_choice forces tool use is not compatible with this model.');
	}

	const binding = objectOf(config['block_binding'])['prefix_mismatch_behavior'];
	const hasBeta = textOf(call.headers?.['anthropic-beta'])
		.split(',')
		.some((beta) => beta.trim() === bindingBeta);
	if (config['block_binding'] !== undefined && !hasBeta) {
		const message = `This setting requires the value ${bindingBeta} in the anthropic-beta header.`;
		yield refused('block-binding-beta', 'thinking.block_binding', message);
	}
	yield* blockRules(body, { model, drops: binding === 'drop_block' });
	if (type === 'enabled') yield* firstBlockRule(body);
}

function thinkingTypeMessage(type: unknown): string {
	if (type === 'adaptive') return 'adaptive thinking is not supported on this model';
	const instead = 'Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.';
	return `"thinking.type.${String(type)}" is not supported for this model. ${instead}`;
}

function* budgetRules(config: JsonObject, body: JsonObject): Findings {
	const path = 'thinking.enabled.budget_tokens';
	const budget = config['budget_tokens'];
	if (typeof budget !== 'number') {
		yield refused('thinking-budget', path, `${path}: Field required`);
	} else if (budget < 1024) {
		yield refused('thinking-budget', path, `${path}: Input should be greater than or equal to 1024`);
	} else if (budget >= Number(body['max_tokens'])) {
		yield refused('thinking-budget', 'max_tokens', '`max_tokens` must be greater than `thinking.budget_tokens`.');
	}
}

/** "Preserved thinking" and "Thinking blocks cannot be modified" on platform.claude.com. */
function* blockRules(body: JsonObject, { model, drops }: { model: string; drops: boolean }): Findings {
	for (const [index, message] of objectsOf(body['messages'])) {
		for (const [place, block] of objectsOf(message['content'])) {
			const path = `messages.${index}.content.${place}`;
			if (block['type'] === 'redacted_thinking' && textOf(block['data']) === '') {
				yield refused(
					'redacted-data',
					`${path}.redacted_thinking.data`,
					`${path}.redacted_thinking.data: Field required`,
				);
			}
			if (block['type'] !== 'thinking' && block['type'] !== 'redacted_thinking') continue;
			if (message['role'] !== 'assistant') {
				const blame = `\`${block['type']}\` blocks can only be in \`assistant\` messages`;
				yield refused('thinking-role', path, `${path}: ${blame}`);
				continue;
			}
			if (block['type'] === 'thinking' && typeof block['signature'] !== 'string') {
				yield refused('signature-missing', path, `${path}.thinking.signature: Field required`);
				continue;
			}
			const contents = unseal(block['type'] === 'thinking' ? block['signature'] : block['data']);
			if (contents === undefined || contents.vendor !== 'anthropic') {
				yield refused('signature-invalid', path, `${path}: Invalid \`signature\` in \`thinking\` block`);
			} else if (
				block['thinking'] !== undefined &&
				block['thinking'] !== '' &&
				contents.content !== digest(block['thinking'])
			) {
				yield refused('thinking-modified', path, modifiedMessage(path));
			} else if (contents.model !== model) {
				yield warning('thinking-of-other-model', path, 'The API drops a block of a model that this one cannot read.');
			} else if (claudeTraits(model).bindsThinkingToPrefix && contents.prefix !== prefixOf(body, index, place)) {
				yield drops
					? warning('thinking-dropped', path, 'The API drops the block, because what stood before it has changed.')
					: refused('thinking-bound-elsewhere', path, boundMessage(path));
			}
		}
	}
}

function modifiedMessage(path: string): string {
	return (
		`${path}: \`thinking\` or \`redacted_thinking\` blocks in the latest assistant message cannot be modified. ` +
		'These blocks must remain as they were in the original response.'
	);
}

function boundMessage(path: string): string {
	return (
		`${path}: Invalid \`signature\` in \`thinking\` block. The block is bound to a different conversation. ` +
		'Remove the block, or set `thinking.block_binding.prefix_mismatch_behavior` to "drop_block".'
	);
}

/** With a budget, the last assistant turn has to begin with thinking; "Thinking", section on tool use. */
function* firstBlockRule(body: JsonObject): Findings {
	const index = listOf(body['messages']).findLastIndex((message) => objectOf(message)['role'] === 'assistant');
	const content = objectOf(listOf(body['messages'])[index])['content'];
	const first = objectOf(listOf(content)[0])['type'] ?? 'text';
	const callsTool = listOf(content).some((block) => objectOf(block)['type'] === 'tool_use');
	if (!callsTool || first === 'thinking' || first === 'redacted_thinking') return;
	const message = `Expected \`thinking\` or \`redacted_thinking\`, but found \`${textOf(first)}\`.`;
	yield refused('thinking-first', `messages.${index}.content.0.type`, `messages.${index}.content.0.type: ${message}`);
}

/** The signature that the API would put on a block at the end of `before`, which follows the request's messages. */
export function signThinking(request: unknown, thinking: string, before: readonly unknown[] = []): string {
	const body = objectOf(request);
	const messages = [...listOf(body['messages']), { role: 'assistant', content: before }];
	const prefix = prefixOf({ ...body, messages }, messages.length - 1, before.length);
	return seal({ vendor: 'anthropic', model: textOf(body['model']), prefix, content: digest(thinking) });
}

/** Of system, tools and everything before the block; where the marks for the cache stand does not matter. */
function prefixOf(body: JsonObject, index: number, place: number): string {
	const blocks = objectsOf(body['messages'])
		.slice(0, index + 1)
		.flatMap(([at, { role, content }]) =>
			(typeof content === 'string' ? [{ type: 'text', text: content }] : listOf(content))
				.slice(0, at === index ? place : undefined)
				.map((block) => ({ role, block })),
		);
	const system = typeof body['system'] === 'string' ? [{ type: 'text', text: body['system'] }] : listOf(body['system']);
	return digest(withoutMarks({ system, tools: listOf(body['tools']), blocks }));
}

function withoutMarks(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(withoutMarks);
	if (!isObject(value)) return value;
	return Object.fromEntries(
		Object.entries(value).flatMap(([key, inner]) => (key === 'cache_control' ? [] : [[key, withoutMarks(inner)]])),
	);
}
