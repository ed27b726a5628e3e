import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';

import { remembering } from '../../engine/remembering';
import { deepestJson, isDeeperThan } from '../../engine/json-depth';
import { compileSchema, type CompiledSchema, type ValidSchema } from '../../schemas/json-schema';
import { openTaskStore, type OpenTaskStore } from '../../host/task-stores';
import type { RealStoreKind } from '../../tasks/task-parameters';
import { findAttachments, type PendingAttachment } from '../input/attachments';
import type { StepParameters } from '../input/step-parameters';
import { readGenerateParameters, type GenerateParameters } from './generate-parameters';
import { InvalidInput } from '../../tasks/invalid-input';
import { createParameterReader, type ParameterReader } from '../input/parameter-reader';
import { credentialSource, permittedSteps } from '../input/permitted-steps';

/** One item after all checks that need no call to a provider. */
export type PreparedItem =
	| {
			readonly kind: 'ready';
			readonly itemIndex: number;
			readonly parameters: GenerateParameters;
			readonly attachments: readonly PendingAttachment[];
			/** Set for JSON schema output only. */
			readonly schema?: ValidSchema;
			/** Undefined: nothing is stored. */
			readonly store?: OpenTaskStore;
	  }
	| { readonly kind: 'invalid'; readonly itemIndex: number; readonly error: NodeOperationError };

/** What all items of an execution share; computed once. */
interface Shared {
	readonly parameterOf: ParameterReader;
	readonly compile: Compiler;
	readonly storeOf: (kind: RealStoreKind, itemIndex: number) => Promise<OpenTaskStore>;
	/**
	 * Checks whether the steps may be called. The result for the first item is reused for all items with the same steps,
	 * because reading credentials is what takes n8n longest.
	 */
	readonly checkSteps: (steps: readonly StepParameters[], itemIndex: number) => Promise<unknown>;
}

/** The most entries kept per cache. Most items of an execution have equal parameters, so few are needed. */
const mostRemembered = 10_000;

/**
 * Checks all items before the first provider is called. An invalid item does not throw; it is returned with its error.
 */
export async function prepareItems(context: IExecuteFunctions): Promise<readonly PreparedItem[]> {
	const source = credentialSource(context);
	const shared: Shared = {
		parameterOf: createParameterReader(context),
		compile: remembering(mostRemembered, compileSchema, schemaName),
		storeOf: remembering(
			mostRemembered,
			async (kind, itemIndex) => await storeFor(context, kind, itemIndex),
			(kind) => kind,
		),
		checkSteps: remembering(
			mostRemembered,
			async (steps, itemIndex) => await permittedSteps(source, itemIndex, steps),
			(steps) => JSON.stringify(steps.map(({ provider, settings }) => [provider, settings.model])),
		),
	};
	const items: PreparedItem[] = [];
	for (const itemIndex of context.getInputData().keys()) {
		items.push(await prepareItem(context, itemIndex, shared));
	}
	return items;
}

async function prepareItem(context: IExecuteFunctions, itemIndex: number, shared: Shared): Promise<PreparedItem> {
	try {
		const parameters = readGenerateParameters((name) => shared.parameterOf(name, itemIndex));
		const attachments = findAttachments(context, itemIndex, parameters.binaryFields, parameters.steps);
		const schema = await validSchemaOf(parameters, shared.compile);
		await shared.checkSteps(parameters.steps, itemIndex);
		const { memory } = parameters.task;
		const store = memory.kind === 'none' ? undefined : await shared.storeOf(memory.store, itemIndex);
		return {
			kind: 'ready',
			itemIndex,
			parameters,
			attachments,
			...(schema !== undefined && { schema }),
			...(store !== undefined && { store }),
		};
	} catch (error) {
		return { kind: 'invalid', itemIndex, error: asNodeError(context, itemIndex, error) };
	}
}

async function storeFor(context: IExecuteFunctions, kind: RealStoreKind, itemIndex: number): Promise<OpenTaskStore> {
	const access = await openTaskStore(kind, context, itemIndex);
	if (access.kind === 'denied') throw new InvalidInput(access.why, access.advice);
	return access;
}

type Compiler = (schema: Readonly<Record<string, unknown>>) => Promise<CompiledSchema>;

async function validSchemaOf({ output }: GenerateParameters, compile: Compiler): Promise<ValidSchema | undefined> {
	if (output.kind !== 'jsonSchema') return undefined;
	const compiled = await compile(output.schema);
	if (compiled.kind === 'compiled') return compiled;
	throw new InvalidInput('The JSON schema is not a valid schema', `Correct it in JSON Schema: ${compiled.why}`);
}

/**
 * The cache key of a schema. Schemas nested too deeply for JSON.stringify share one key, as all are rejected for that.
 */
function schemaName(schema: Readonly<Record<string, unknown>>): string {
	return isDeeperThan(deepestJson, schema) ? 'too deep' : JSON.stringify(schema);
}

export function asNodeError(context: IExecuteFunctions, itemIndex: number, error: unknown): NodeOperationError {
	if (error instanceof InvalidInput) {
		const message = `${error.message} [item ${itemIndex}]`;
		const nodeError = new NodeOperationError(context.getNode(), message, { itemIndex, description: error.advice });
		// n8n replaces a message that contains a code such as ECONNREFUSED by a general text; this restores ours.
		nodeError.message = message;
		return nodeError;
	}
	return new NodeOperationError(context.getNode(), error instanceof Error ? error : String(error), { itemIndex });
}
