import type { Vendor } from '../../simulated-providers/vendor.ts';
import type { Node, Wire } from './workflow.ts';

/** What stands in the model inputs of an agent or a chain. Whoever builds a workflow takes any of them. */
export interface ModelPlug {
	readonly id: string;
	/** What the table calls it. */
	readonly title: string;
	/** Whom it calls, in this order. */
	readonly vendors: readonly Vendor[];
	readonly nodes: readonly Node[];
	/** Wires among those nodes, where one of them takes models itself. */
	readonly wires: readonly Wire[];
	/** The nodes for the consumer's model inputs, first input first; two of them switch an agent's fallback on. */
	readonly models: readonly string[];
}

/** The wires from a plug's models into a consumer: the first `inputs` of them; all when left out. */
export function plugInto(consumer: string, { models }: ModelPlug, inputs = models.length): readonly Wire[] {
	return models.slice(0, inputs).map((from, input): Wire => ({ from, to: consumer, type: 'ai_languageModel', input }));
}

/** The trigger of every workflow here. What it was sent says where the vendors and the ledger are. */
export const trigger = 'Start';

/** A field of what the trigger was sent, by webhook or by chat, in an expression of any node or credential. */
export function sent(field: string): string {
	return `={{ ($('${trigger}').first().json.body ?? $('${trigger}').first().json).${field} }}`;
}
