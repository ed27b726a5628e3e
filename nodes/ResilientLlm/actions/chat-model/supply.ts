import { NodeOperationError, type ISupplyDataFunctions, type SupplyData } from 'n8n-workflow';

import { aiNodeSdk } from '../../host/ai-node-sdk';
import { nodeVersionProblem } from '../../host/node-version';
import { openTaskStore, type OpenTaskStore } from '../../host/task-stores';
import { InvalidInput } from '../../tasks/invalid-input';
import { credentialSource, permittedSteps } from '../input/permitted-steps';
import { createParameterReader } from '../input/parameter-reader';
import { readChatModelParameters, type ChatModelParameters } from './chat-model-parameters';
import { createResilientModel } from './resilient-model';
import { runTurn, type TurnQuestion, type TurnSetting } from './turn';
import { parentHints } from './turn-hints';
import { makeWhole } from './whole-adapter';

const needsNewerN8n = 'Resilient Chat Model needs n8n 2.16 or newer. Update n8n, or use the Resilient LLM node.';

/**
 * Supplies an agent with its chat model. Reads the configuration but calls no model, because n8n calls this before
 * every turn, sometimes twice. Throws `NodeOperationError` for an invalid configuration.
 */
export async function supplyChatModel(context: ISupplyDataFunctions, itemIndex: number): Promise<SupplyData> {
	const problem = nodeVersionProblem();
	if (problem !== undefined) throw new NodeOperationError(context.getNode(), problem);
	const sdk = await aiNodeSdk();
	if (sdk === undefined) throw new NodeOperationError(context.getNode(), needsNewerN8n);

	const setting = await asNodeErrors(context, async () => await settingOf(context, itemIndex));
	let hinted = false;
	const ask = async (question: TurnQuestion) => {
		if (!hinted) {
			hinted = true;
			context.addExecutionHints?.(...parentHints(context));
		}
		return await asNodeErrors(context, async () => await runTurn(setting, question));
	};
	const supplied = sdk.supplyModel(context, createResilientModel(sdk, ask, setting.parameters.answerDelivery));
	makeWhole(supplied.response, setting.parameters.output.kind === 'json');
	return supplied;
}

async function settingOf(context: ISupplyDataFunctions, itemIndex: number): Promise<TurnSetting> {
	const get = createParameterReader(context);
	const parameters = readChatModelParameters((name) => get(name, itemIndex));
	const [steps, store] = await Promise.all([
		permittedSteps(credentialSource(context), itemIndex, parameters.steps),
		storeOf(parameters, context, itemIndex),
	]);
	return { context, itemIndex, parameters, steps, ...(store !== undefined && { store }) };
}

async function storeOf(
	{ task: { memory } }: ChatModelParameters,
	context: ISupplyDataFunctions,
	itemIndex: number,
): Promise<OpenTaskStore | undefined> {
	if (memory.kind === 'none') return undefined;
	const access = await openTaskStore(memory.store, context, itemIndex);
	if (access.kind === 'denied') throw new InvalidInput(access.why, access.advice);
	return access;
}

async function asNodeErrors<T>(context: ISupplyDataFunctions, work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		// Other errors are passed on: a cancellation's reason, which n8n recognizes, or an error of n8n's own type.
		// eslint-disable-next-line @n8n/community-nodes/require-node-api-error
		if (!(error instanceof InvalidInput)) throw error;
		const { message, advice: description } = error;
		const nodeError = new NodeOperationError(context.getNode(), message, {
			description,
			functionality: 'configuration-node',
		});
		// n8n replaces a message that contains a code such as ECONNREFUSED by a general text; this restores ours.
		nodeError.message = message;
		throw nodeError;
	}
}
