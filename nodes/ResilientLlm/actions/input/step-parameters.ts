import { reasoningEfforts, type ModelSettings } from '../../engine/request';
import { type ProviderId, providerIds, vendors } from '../../providers/vendors';
import { InvalidInput } from '../../tasks/invalid-input';
import { isUnset, readChoice, readNumber, readOptionalNumber, readRecord, readText } from './field-reader';

/** USD per million tokens. */
export interface OwnPrice {
	readonly input: number;
	readonly output: number;
}

/** One entry of the provider order, as set by the user. */
export interface StepParameters {
	/** The name used in messages, such as "Step 2 (OpenAI)". */
	readonly name: string;
	readonly provider: ProviderId;
	readonly settings: ModelSettings;
	readonly maxAttempts: number;
	readonly attemptTimeoutMs: number;
	readonly ownPrice?: OwnPrice;
}

/** Characters. The longest model names are resource paths of cloud providers. */
const maxModelLength = 500;

/** Reads the provider order. Throws `InvalidInput` for the first invalid entry. */
export function readSteps(value: unknown): readonly StepParameters[] {
	if (!Array.isArray(value) || value.length === 0) {
		throw new InvalidInput('The provider order is empty', 'Add at least one provider under Provider Order.');
	}
	return value.map((step, index) => readStep(readRecord(step), index + 1));
}

function readStep(step: Readonly<Record<string, unknown>>, place: number): StepParameters {
	const provider = readChoice(step.provider, `Step ${place}: Provider`, providerIds);
	const name = `Step ${place} (${vendors[provider].label})`;
	const ownPrice = readOwnPrice(step, name);
	return {
		name,
		provider,
		settings: readModelSettings(step, name),
		maxAttempts: readNumber(step.maxAttempts ?? 3, `${name}: Attempts`, { min: 1, max: 20, whole: true }),
		attemptTimeoutMs:
			readNumber(step.timeoutSeconds ?? 45, `${name}: Timeout (Seconds)`, { min: 0.1, max: 3600 }) * 1000,
		...(ownPrice !== undefined && { ownPrice }),
	};
}

function readModelSettings(step: Readonly<Record<string, unknown>>, name: string): ModelSettings {
	const temperature = readOptionalNumber(step.temperature, `${name}: Temperature`, { min: 0, max: 2 });
	const contextWindow = readOptionalNumber(step.contextWindow, `${name}: Context Window (Tokens)`, {
		min: 1,
		max: 100_000_000,
		whole: true,
	});
	const maxOutputTokens = readNumber(step.maxOutputTokens ?? 1024, `${name}: Maximum Output Tokens`, {
		min: 1,
		max: 1_000_000,
		whole: true,
	});
	return {
		model: readModel(step.model, name),
		maxOutputTokens,
		...(temperature !== undefined && { temperature }),
		...(contextWindow !== undefined && { contextWindow }),
		...(!isUnset(step.reasoningEffort) && {
			reasoningEffort: readChoice(step.reasoningEffort, `${name}: Reasoning Effort`, reasoningEfforts),
		}),
	};
}

/**
 * Reads a model ID. The form stores an object with a `value` field; expressions and workflows written by hand may give
 * the ID itself.
 */
function readModel(value: unknown, name: string): string {
	const model = readText(
		typeof value === 'object' && value !== null ? readRecord(value).value : value,
		`${name}: Model`,
	).trim();
	if (model === '') throw new InvalidInput(`${name} has no model`, 'Choose a model from the list or enter its ID.');
	if (model.length > maxModelLength) {
		throw new InvalidInput(
			`${name} has a model ID of ${model.length} characters`,
			'Check the expression: no model has so long a name.',
		);
	}
	return model;
}

function readOwnPrice(step: Readonly<Record<string, unknown>>, name: string): OwnPrice | undefined {
	const range = { min: 0, max: 100_000 };
	const input = readOptionalNumber(step.inputPrice, `${name}: Input Price`, range);
	const output = readOptionalNumber(step.outputPrice, `${name}: Output Price`, range);
	if (input === undefined && output === undefined) return undefined;
	if (input === undefined || output === undefined) {
		throw new InvalidInput(`${name} has only one of its two prices`, 'Set both Input Price and Output Price, or none.');
	}
	return { input, output };
}
