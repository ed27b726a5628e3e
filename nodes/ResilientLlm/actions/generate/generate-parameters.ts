import type { OutputFormat } from '../../engine/conversation';
import type { Confidence, RetryPolicy, TaskRules } from '../../engine/task';
import { InvalidInput } from '../../tasks/invalid-input';
import type { TaskParameters } from '../../tasks/task-parameters';
import { readBoolean, readChoice, readNumber, readRecord, readText } from '../input/field-reader';
import { readRetryPolicy } from '../input/retry-policy';
import { readSteps, type StepParameters } from '../input/step-parameters';
import { readTaskParameters } from '../input/task-parameters';

/** The validated parameters of one item. */
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
 * Reads and validates one item's parameters. `get` returns a parameter's value by name. Throws `InvalidInput` for the
 * first invalid one.
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
