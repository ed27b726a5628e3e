import { readServerSentEvents } from '../http/event-stream';
import type { StreamFormat } from '../http/live-exchange';
import { at } from '../json/json-path';
import { asArray, asRecord, asString } from '../json/json-reader';

/**
 * Gemini's stream events: each is a complete reply with the next parts; finish reason and usage are in the last ones.
 */
export const contentStream: StreamFormat = {
	read: readServerSentEvents,
	textIn(event) {
		return partsIn(event)
			.filter((part) => at(part, 'thought') !== true)
			.map((part) => asString(at(part, 'text')) ?? '')
			.join('');
	},
	whole(events) {
		const isEnd = (event: unknown) =>
			at(event, 'candidates', 0, 'finishReason') !== undefined ||
			at(event, 'promptFeedback', 'blockReason') !== undefined;
		if (!events.some(isEnd)) return undefined;
		const merged = Object.assign({}, ...events.map((event) => asRecord(event) ?? {})) as Record<string, unknown>;
		const candidates = events.flatMap((event) => asRecord(at(event, 'candidates', 0)) ?? []);
		if (candidates.length === 0) return merged;
		const candidate = Object.assign({}, ...candidates) as Record<string, unknown>;
		const content = { role: 'model', parts: joined(events.flatMap(partsIn)) };
		return { ...merged, candidates: [{ ...candidate, content }] };
	},
};

function partsIn(event: unknown): readonly unknown[] {
	return asArray(at(event, 'candidates', 0, 'content', 'parts')) ?? [];
}

/** Merges consecutive text parts of the same kind. A part with a signature, or of another type, is kept separate. */
function joined(parts: readonly unknown[]): readonly unknown[] {
	const all: unknown[] = [];
	for (const part of parts) {
		const last = asRecord(all.at(-1));
		const next = asRecord(part);
		if (
			last !== undefined &&
			next !== undefined &&
			isPlainText(last) &&
			isPlainText(next) &&
			last['thought'] === next['thought']
		) {
			all[all.length - 1] = { ...last, text: `${asString(last['text'])}${asString(next['text'])}` };
		} else {
			all.push(part);
		}
	}
	return all;
}

function isPlainText(part: Readonly<Record<string, unknown>>): boolean {
	return typeof part['text'] === 'string' && part['thoughtSignature'] === undefined;
}
