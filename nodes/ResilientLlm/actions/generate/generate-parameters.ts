import type { Confidence, RetryPolicy, TaskRules } from '../../engine/task';
import type { OutputFormat } from '../../engine/conversation';
import { reasoningEfforts, type ModelSettings } from '../../engine/request';
import { providerIds, providerLabels, type ProviderId } from '../../providers/vendors';
import {
	isUnset,
	readBoolean,
	readChoice,
	readNumber,
	readOptionalNumber,
	readRecord,
	readText,
} from '../input/field-reader';
import { InvalidInput } from '../../tasks/invalid-input';
import type { TaskParameters } from '../../tasks/task-parameters';
import { readTaskParameters } from '../input/task-parameters';

/** USD per million tokens. */
export interface OwnPrice {
	readonly input: number;
	readonly output: number;
}

/** One entry of the provider order, as the user set it. */
export interface StepParameters {
	/** "Step 2 (OpenAI)": how messages name it. */
	readonly name: string;
	readonly provider: ProviderId;
	readonly settings: ModelSettings;
	readonly maxAttempts: number;
	readonly attemptTimeoutMs: number;
	readonly ownPrice?: OwnPrice;
}

/** What one item asks of the node, checked. */
export interface GenerateParameters {
	readonly prompt: string;
	readonly systemMessage: string;
	readonly steps: readonly StepParameters[];
	readonly confidence: Confidence;
	readonly output: OutputFormat;
	readonly binaryFields: readonly string[];
	readonly deadlineMs: number;
	readonly concurrency: number;
	readonly includeInput: boolean;
	readonly rules: TaskRules;
	readonly retryPolicy: RetryPolicy;
	readonly task: TaskParameters;
}

/**
 * Reads one item's parameters; `get` gives a parameter's value by name. Throws `InvalidInput` for the first that is
 * wrong.
 */
export function readGenerateParameters(get: (name: string) => unknown): GenerateParameters {
	const options = readRecord(get('options'));
	return {
		prompt: readPrompt(get('prompt')),
		systemMessage: readText(get('systemMessage'), 'System Message'),
		steps: readSteps(get('providerOrder.step')),
		confidence: readChoice(get('confidence'), 'Who May Answer', ['any', 'high', 'review']),
		output: readOutputFormat(get),
		binaryFields: readBinaryFields(get('binaryFields')),
		deadlineMs: readNumber(options.deadlineSeconds ?? 300, 'Deadline (Seconds)', { min: 0.1, max: 86_400 }) * 1000,
		concurrency: readNumber(options.concurrency ?? 5, 'Concurrency', { min: 1, max: 100, whole: true }),
		includeInput: readBoolean(options.includeInput ?? true, 'Include Input'),
		rules: {
			onTruncated: readChoice(options.onTruncated ?? 'failover', 'On Truncated Answer', [
				'failover',
				'accept',
				'escalate',
			]),
			onBlocked: readChoice(options.onBlocked ?? 'failover', 'On Blocked Content', ['failover', 'escalate']),
			onInvalidRequest: readChoice(options.onInvalidRequest ?? 'failover', 'On Invalid Request', [
				'failover',
				'escalate',
			]),
		},
		retryPolicy: readRetryPolicy(options),
		task: readTaskParameters(get, options),
	};
}

function readPrompt(value: unknown): string {
	const prompt = readText(value, 'Prompt');
	if (prompt.trim() === '') {
		throw new InvalidInput(
			'The prompt is empty',
			'Enter a prompt, or check that the expression in Prompt gives text for this item.',
		);
	}
	return prompt;
}

/** The longest are paths of a cloud's resources. */
const maxModelLength = 500;

function readSteps(value: unknown): readonly StepParameters[] {
	if (!Array.isArray(value) || value.length === 0) {
		throw new InvalidInput('The provider order is empty', 'Add at least one provider under Provider Order.');
	}
	return value.map((step, index) => readStep(readRecord(step), index + 1));
}

function readStep(step: Readonly<Record<string, unknown>>, place: number): StepParameters {
	const provider = readChoice(step.provider, `Step ${place}: Provider`, providerIds);
	const name = `Step ${place} (${providerLabels[provider]})`;
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

/** A resource locator holds its value in a field; an expression or a hand-written workflow may give the bare ID. */
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

function readOutputFormat(get: (name: string) => unknown): OutputFormat {
	const kind = readChoice(get('outputFormat'), 'Output Format', ['text', 'json', 'jsonSchema']);
	return kind === 'jsonSchema' ? { kind, schema: readSchema(get('jsonSchema')) } : { kind };
}

function readSchema(value: unknown): Readonly<Record<string, unknown>> {
	const parsed = typeof value === 'string' ? parseJson(value) : { value };
	if ('why' in parsed) {
		throw new InvalidInput('The JSON schema is not valid JSON', `Correct the JSON in JSON Schema. ${parsed.why}`);
	}
	const schema = parsed.value;
	if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
		throw new InvalidInput(
			'The JSON schema is not a JSON object',
			'Enter a schema such as {"type": "object", "properties": {…}}.',
		);
	}
	return schema as Record<string, unknown>;
}

function parseJson(text: string): { readonly value: unknown } | { readonly why: string } {
	try {
		return { value: JSON.parse(text) };
	} catch (error) {
		return { why: error instanceof Error ? error.message : '' };
	}
}

function readBinaryFields(value: unknown): readonly string[] {
	return readText(value, 'Binary Fields')
		.split(',')
		.map((name) => name.trim())
		.filter((name) => name !== '');
}

function readRetryPolicy(options: Readonly<Record<string, unknown>>): RetryPolicy {
	const range = { min: 0, max: 3_600_000, whole: true };
	const baseDelayMs = readNumber(options.retryBaseDelayMs ?? 1000, 'Retry Base Delay (Ms)', range);
	const maxDelayMs = readNumber(options.retryMaxDelayMs ?? 30_000, 'Retry Max Delay (Ms)', range);
	if (baseDelayMs > maxDelayMs) {
		throw new InvalidInput(
			`Retry Base Delay (${baseDelayMs} ms) is longer than Retry Max Delay (${maxDelayMs} ms)`,
			'Raise Retry Max Delay or lower Retry Base Delay.',
		);
	}
	return { baseDelayMs, maxDelayMs };
}
