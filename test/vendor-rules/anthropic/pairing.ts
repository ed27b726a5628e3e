import { duplicatesIn, objectsOf, textOf, type JsonObject } from '../json';
import { refused, type Findings } from '../violation';

/** "Handle tool calls", important formatting requirements. */
export function* pairingRules(body: JsonObject): Findings {
	const turns = turnsOf(body);
	const seen: string[] = [];
	for (const [number, { role, first, blocks }] of turns.entries()) {
		const uses = blocks.flatMap(({ block }) => (block['type'] === 'tool_use' ? [textOf(block['id'])] : []));
		const repeated = uses.find((id) => seen.includes(id) || duplicatesIn(uses).includes(id));
		if (repeated !== undefined)
			yield refused('tool-use-unique', `messages.${first}`, 'messages: `tool_use` ids must be unique');
		seen.push(...uses);
		if (role === 'user') yield* resultRules(blocks, turns[number - 1]?.blocks ?? []);
		const next = turns[number + 1];
		const answered = leadingResults(next?.blocks ?? []);
		const missing = role === 'assistant' ? uses.filter((id) => !answered.includes(id)) : [];
		if (missing.length > 0) {
			const message =
				`\`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}. ` +
				'Each `tool_use` block must have a corresponding `tool_result` block in the next message.';
			const path = `messages.${next?.first ?? first}`;
			yield refused('result-missing', path, `${path}: ${message}`);
		}
	}
}

interface PlacedBlock {
	readonly path: string;
	readonly block: JsonObject;
}

/** Turns as the model sees them: consecutive messages of one role are one. Mid-conversation system messages vanish. */
function turnsOf(body: JsonObject) {
	const turns: Array<{ role: unknown; first: number; blocks: PlacedBlock[] }> = [];
	for (const [index, { role, content }] of objectsOf(body['messages'])) {
		const blocks = objectsOf(content).map(([at, block]) => ({ path: `messages.${index}.content.${at}`, block }));
		if (typeof content === 'string') blocks.push({ path: `messages.${index}`, block: { type: 'text', text: content } });
		const last = turns.at(-1);
		if (role === 'system') continue;
		if (last?.role === role) last?.blocks.push(...blocks);
		else turns.push({ role, first: index, blocks });
	}
	return turns;
}

function* resultRules(blocks: readonly PlacedBlock[], before: readonly PlacedBlock[]): Findings {
	const asked = before.flatMap(({ block }) => (block['type'] === 'tool_use' ? [textOf(block['id'])] : []));
	const results = blocks.filter(({ block }) => block['type'] === 'tool_result');
	for (const { path, block } of results) {
		const id = textOf(block['tool_use_id']);
		if (asked.includes(id)) continue;
		const message =
			`unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. ` +
			'Each `tool_result` block must have a corresponding `tool_use` block in the previous message.';
		yield refused('result-unexpected', path, `${path}: ${message}`);
	}
	for (const id of duplicatesIn(results.map(({ block }) => textOf(block['tool_use_id'])))) {
		const message = `each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${id}`;
		yield refused('result-twice', results[0]?.path ?? '', message);
	}
}

/** Results count only at the beginning of the turn: text before them is a 400. */
function leadingResults(blocks: readonly PlacedBlock[]): readonly string[] {
	const end = blocks.findIndex(({ block }) => block['type'] !== 'tool_result');
	return blocks.slice(0, end < 0 ? undefined : end).map(({ block }) => textOf(block['tool_use_id']));
}
