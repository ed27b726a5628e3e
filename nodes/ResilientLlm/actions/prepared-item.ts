import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';

import type { SchemaProblems } from '../engine/answer-check';
import { accessTo, type Access } from '../host/credentials';
import { compileSchema, type CompiledSchema } from '../host/json-schema';
import { networkRules } from '../host/network';
import { openTaskStore, type OpenTaskStore } from '../host/task-stores';
import { providerLabels, type ProviderId } from '../providers';
import { findAttachments, type PendingAttachment } from './attachments';
import { readGenerateParameters, type GenerateParameters, type StepParameters } from './generate-parameters';
import { InvalidInput } from './invalid-input';
import { otherOwnerOf } from './model-owner';

/** A step together with the right to call it. */
export interface PermittedStep extends StepParameters {
	readonly access: Extract<Access, { kind: 'granted' }>;
}

/** One item, checked as far as that goes without calling a provider. */
export type PreparedItem =
	| {
			readonly kind: 'ready';
			readonly itemIndex: number;
			readonly parameters: GenerateParameters;
			readonly steps: readonly PermittedStep[];
			readonly attachments: readonly PendingAttachment[];
			readonly schemaProblems?: SchemaProblems;
			/** Undefined: nothing is remembered. */
			readonly store?: OpenTaskStore;
	  }
	| { readonly kind: 'invalid'; readonly itemIndex: number; readonly error: NodeOperationError };

/** Checks every item before the first provider is called. */
export async function prepareItems(context: IExecuteFunctions): Promise<readonly PreparedItem[]> {
	const compile = rememberingCompiler();
	const items: PreparedItem[] = [];
	for (const itemIndex of context.getInputData().keys()) {
		items.push(await prepareItem(context, itemIndex, compile));
	}
	return items;
}

type Compiler = typeof compileSchema;

async function prepareItem(context: IExecuteFunctions, itemIndex: number, compile: Compiler): Promise<PreparedItem> {
	try {
		const parameters = readGenerateParameters((name) => context.getNodeParameter(name, itemIndex, null));
		const attachments = findAttachments(context, itemIndex, parameters.binaryFields, parameters.steps);
		const schemaProblems = await schemaProblemsOf(parameters, compile);
		const steps = await permittedSteps(context, itemIndex, parameters.steps);
		const store = await storeFor(context, itemIndex, parameters);
		return {
			kind: 'ready',
			itemIndex,
			parameters,
			steps,
			attachments,
			...(schemaProblems !== undefined && { schemaProblems }),
			...(store !== undefined && { store }),
		};
	} catch (error) {
		return { kind: 'invalid', itemIndex, error: asNodeError(context, itemIndex, error) };
	}
}

async function permittedSteps(
	context: IExecuteFunctions,
	itemIndex: number,
	steps: readonly StepParameters[],
): Promise<readonly PermittedStep[]> {
	const network = networkRules(context.helpers);
	const known = new Map<ProviderId, Access>();
	const permitted: PermittedStep[] = [];
	for (const step of steps) {
		const access = known.get(step.provider) ?? (await accessTo(step.provider, context, network, itemIndex));
		known.set(step.provider, access);
		if (access.kind === 'denied') throw new InvalidInput(`${step.name} ${access.why}`, access.advice);
		refuseForeignModel(step, access.settings.baseUrl);
		permitted.push({ ...step, access });
	}
	return permitted;
}

function refuseForeignModel({ name, provider, settings: { model } }: StepParameters, baseUrl: string): void {
	const owner = otherOwnerOf(model, provider, baseUrl);
	if (owner === undefined) return;
	throw new InvalidInput(
		`${name} asks for ${model}, which is a model of ${providerLabels[owner]}`,
		`Choose a model of ${providerLabels[provider]} in that step, or set its provider to ${providerLabels[owner]}.`,
	);
}

async function storeFor(context: IExecuteFunctions, itemIndex: number, { task }: GenerateParameters): Promise<OpenTaskStore | undefined> {
	if (task.memory.kind === 'none') return undefined;
	const access = await openTaskStore(task.memory.store, context, itemIndex);
	if (access.kind === 'denied') throw new InvalidInput(access.why, access.advice);
	return access;
}

async function schemaProblemsOf({ output }: GenerateParameters, compile: Compiler): Promise<SchemaProblems | undefined> {
	if (output.kind !== 'jsonSchema') return undefined;
	const compiled = await compile(output.schema);
	if (compiled.kind === 'compiled') return compiled.problems;
	throw new InvalidInput('The JSON schema is not a valid schema', `Correct it in JSON Schema: ${compiled.why}`);
}

/** Most items share one schema, and compiling costs more than checking. */
function rememberingCompiler(): Compiler {
	const known = new Map<string, Promise<CompiledSchema>>();
	return async (schema) => {
		const key = JSON.stringify(schema);
		const compiled = known.get(key) ?? compileSchema(schema);
		known.set(key, compiled);
		return await compiled;
	};
}

export function asNodeError(context: IExecuteFunctions, itemIndex: number, error: unknown): NodeOperationError {
	if (error instanceof InvalidInput) {
		const message = `${error.message} [item ${itemIndex}]`;
		const nodeError = new NodeOperationError(context.getNode(), message, { itemIndex, description: error.advice });
		// n8n puts general words in the place of a message that holds a code such as ECONNREFUSED.
		nodeError.message = message;
		return nodeError;
	}
	return new NodeOperationError(context.getNode(), error instanceof Error ? error : String(error), { itemIndex });
}
