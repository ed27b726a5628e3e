import { alone, builtInModels, withFallback, type BuiltInModel } from '../workflows/built-in-models.ts';
import type { ModelPlug } from '../workflows/model-plug.ts';
import { ours } from '../workflows/our-model.ts';
import { allCells, canHappen, movingCells, type Cell } from './cells.ts';

/** A plug in the agent's model inputs, and what it goes through. */
export interface Contender {
	/** The model that is asked first, the one with the fault. */
	readonly first: string;
	/** The model that is well, and asked next; empty when there is none. */
	readonly next: string;
	readonly plug: ModelPlug;
	readonly cells: readonly Cell[];
}

const pairs: readonly (readonly [first: BuiltInModel, next: BuiltInModel])[] = [
	['openAi', 'anthropic'],
	['openAiChat', 'anthropic'],
	['anthropic', 'openAi'],
	['gemini', 'openAi'],
	['ollama', 'openAi'],
];

/** The pair that the docs show cell by cell; of the others they show the sums. */
export const mainPair = { first: 'openAi', next: 'anthropic' } as const;

const builtIn = pairs.flatMap(([first, next]) => [
	contender(first, '', alone(first), allCells),
	contender(first, next, withFallback(first, next), allCells),
	contender(first, next, ours(first, next), allCells),
]);

/** Claude thinks, fails after the tool has answered, and another vendor goes on. */
const moving = (['openAi', 'openAiChat', 'gemini', 'ollama'] as const).map((next) =>
	contender('anthropicThinking', next, withFallback('anthropicThinking', next), movingCells),
);

/** And the other way round: what the next vendor says to a conversation that another one began. */
const begun = (['gemini', 'ollama'] as const).map((next) =>
	contender('openAi', next, withFallback('openAi', next), movingCells),
);

export const contenders: readonly Contender[] = [...builtIn, ...moving, ...begun];

function contender(first: BuiltInModel, next: BuiltInModel | '', plug: ModelPlug, cells: readonly Cell[]): Contender {
	const { vendor } = builtInModels[first];
	return { first, next, plug, cells: cells.filter((cell) => canHappen(cell, vendor)) };
}

/** What the docs call a model. */
export function modelName(model: string): string {
	return model in builtInModels ? builtInModels[model as BuiltInModel].name : model;
}
