import { NodeOperationError, type ISupplyDataFunctions } from 'n8n-workflow';

import type { SchemaProblems } from '../../engine/answer-check';
import type { Completion } from '../../engine/completion';
import type { Conversation, Tool } from '../../engine/conversation';
import type { LiveReader } from '../../engine/live-text';
import type { Outcome } from '../../engine/outcome';
import type { Step } from '../../engine/task';
import { eventLog } from '../../host/log';
import { taskOriginOf } from '../../host/task-origin';
import { taskPorts } from '../../host/task-ports';
import type { OpenTaskStore } from '../../host/task-stores';
import { tidyNowAndThen } from '../../host/tidy-store';
import { compileSchema } from '../../schemas/json-schema';
import type { AnswerFacts } from '../../tasks/answer-facts';
import type { EscalationFacts } from '../../tasks/escalation-facts';
import { loadPrices } from '../../tasks/prices';
import { runTask, type TaskOrder } from '../../tasks/run-task';
import { engineStep } from '../input/engine-step';
import type { PermittedStep } from '../input/permitted-steps';
import type { ChatModelParameters } from './chat-model-parameters';
import { createRememberedTurns } from './remembered-turns';
import { turnHint } from './turn-hints';

/** What all turns of a node share. */
export interface TurnSetting {
	readonly context: ISupplyDataFunctions;
	readonly itemIndex: number;
	readonly parameters: ChatModelParameters;
	readonly steps: readonly PermittedStep[];
	/** Undefined: nothing is stored. */
	readonly store?: OpenTaskStore;
}

/** The agent's request for one turn. */
export interface TurnQuestion extends Pick<Conversation, 'messages' | 'tools' | 'toolChoice'> {
	readonly signal?: AbortSignal;
	/** Receives the answer's text while it is being written. */
	readonly live?: LiveReader;
}

export interface TurnAnswer {
	readonly completion: Completion;
	readonly facts: AnswerFacts;
	readonly taskId: string;
}

const rememberedTurns = createRememberedTurns();

let turnsSoFar = 0;

/**
 * Runs one turn through the provider order. Throws the signal's reason if the turn is cancelled, and a
 * `NodeOperationError` if no model answers, as a chat model has no other way to report that.
 */
export async function runTurn(setting: TurnSetting, question: TurnQuestion): Promise<TurnAnswer> {
	const { context, itemIndex, parameters, store } = setting;
	const origin = taskOriginOf(context);
	const prices = await loadPrices();
	const steps = setting.steps.map((step) => engineStep(step, prices));
	if (store !== undefined) tidyNowAndThen(store.tasks);
	const cancel = cancelSignal(context, question.signal);
	const { executionId: execution, workflowId, nodeName: node } = origin;
	let outcome: Outcome | undefined;
	const order: TaskOrder = {
		origin,
		index: (turnsSoFar += 1),
		content: {
			messages: rememberedTurns.restore(execution, question.messages),
			tools: question.tools,
			toolChoice: question.toolChoice,
			output: parameters.output,
		},
		confidence: 'any',
		rules: { onTruncated: 'failover', onBlocked: 'failover', onInvalidRequest: 'failover' },
		retryPolicy: parameters.retryPolicy,
		deadlineMs: parameters.deadlineMs,
		parameters: parameters.task,
		context: {},
		includeInput: false,
		whenAllFail: parameters.whenAllFail,
		argumentProblems: argumentProblemsOf(question.tools),
		cancel,
		logOf: (taskId) => eventLog(context.logger, { executionId: execution, workflowId, node, item: itemIndex, taskId }),
		callsAreOver: (ended) => (outcome = ended),
		...(store !== undefined && { store }),
		...(question.live !== undefined && { live: question.live }),
	};
	const { task, end } = await runTask(order, steps, taskPorts());
	if (end.kind === 'escalated') throw allFailed(setting, end.escalation, task.taskId);
	if (end.kind !== 'answered' || outcome?.kind !== 'answered')
		throw cancel.reason ?? new Error('The turn was cancelled');
	const hint = turnHint(end.answer, steps);
	if (hint !== undefined) context.addExecutionHints?.(hint);
	const target = targetOf(steps, outcome);
	return {
		completion: rememberedTurns.remember(execution, outcome.completion, target),
		facts: end.answer,
		taskId: task.taskId,
	};
}

function targetOf(steps: readonly Step[], { step }: Extract<Outcome, { kind: 'answered' }>): string {
	return steps[step - 1]?.target ?? '';
}

/** Combines the agent's signal and n8n's cancel signal. Some agents pass none, and old n8n versions have none. */
function cancelSignal(context: ISupplyDataFunctions, signal: AbortSignal | undefined): AbortSignal {
	const signals = [signal, context.getExecutionCancelSignal?.()].filter((known) => known !== undefined);
	return AbortSignal.any(signals);
}

/**
 * Checks for the tools' arguments. A tool whose schema cannot be compiled accepts any arguments: an agent must not fail
 * because of someone else's invalid schema.
 */
function argumentProblemsOf(tools: readonly Tool[]): ReadonlyMap<string, SchemaProblems> {
	return new Map(tools.map(({ name, schema }) => [name, problemsIn(schema)]));
}

/** Compiled when a call is there to be checked: most turns call no tool, and no turn calls all. */
function problemsIn(schema: Tool['schema']): SchemaProblems {
	return async (json, cancel) => {
		const compiled = await compileSchema(schema);
		return compiled.kind === 'compiled' ? await compiled.problems(json, cancel) : [];
	};
}

function allFailed({ context }: TurnSetting, escalation: EscalationFacts, taskId: string): NodeOperationError {
	const { reason, isStored, reviewUrl } = escalation;
	const review = isStored ? `. A human is asked: task ${taskId}${reviewUrl === null ? '' : `, ${reviewUrl}`}` : '';
	return new NodeOperationError(context.getNode(), `${reason}${review}`, {
		// This text is shown to the user of the chat.
		description: isStored ? 'No model could answer. A human was asked.' : 'No model could answer. Try again later.',
		functionality: 'configuration-node',
	});
}
