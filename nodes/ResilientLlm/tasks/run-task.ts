import { runChain } from '../engine/chain';
import type { Conversation } from '../engine/conversation';
import { defectWords } from '../engine/defect-words';
import { openings } from '../engine/escalation-reason';
import type { CircuitBreakers } from '../engine/limits/circuit-breaker';
import type { Outcome } from '../engine/outcome';
import type { ChainPorts } from '../engine/run';
import type { TaskOrigin } from '../engine/store/task-record';
import type { Step, Task } from '../engine/task';
import { transcriptOf } from '../engine/transcript';
import type { NamedProvider } from './answer-facts';
import type { EventLog } from './event-log';
import type { FinishedTask } from './finished-task';
import { InvalidInput } from './invalid-input';
import type { Metrics } from './metrics';
import { runRemembered } from './remembered-run';
import type { RememberedEnd, TaskEnd } from './task-end';
import type { RememberedTask, RememberingStore } from './remembered-task';
import { identify } from './task-id';
import { observeTask } from './task-observer';
import type { TaskParameters } from './task-parameters';

/** One task as its caller orders it: a workflow for an item, or an agent for a turn. */
export interface TaskOrder extends Pick<
	Task,
	'confidence' | 'rules' | 'retryPolicy' | 'schemaProblems' | 'argumentProblems' | 'live' | 'cancel'
> {
	readonly origin: TaskOrigin;
	/** Number of the task within its execution: part of the task ID, unless the task runs only once. */
	readonly index: number;
	readonly content: Conversation;
	/** Time for the whole task, in ms. */
	readonly deadlineMs: number;
	readonly parameters: TaskParameters;
	/** Undefined: nothing is stored, and circuit breakers are local to this process. */
	readonly store?: RememberingStore & { readonly breakers: CircuitBreakers };
	/** What a reviewer sees besides the content. */
	readonly context: unknown;
	readonly includeInput: boolean;
	/** See `RememberedTask.whenAllFail`. */
	readonly whenAllFail: RememberedTask['whenAllFail'];
	readonly logOf: (taskId: string) => EventLog;
	/** Called when no provider will be called for this task any more; storing its result may take longer. */
	readonly callsAreOver: (outcome: Outcome) => void;
}

export interface TaskPorts extends Omit<ChainPorts, 'observe'> {
	/** Undefined: no metrics. */
	readonly metrics: Metrics | undefined;
}

export interface EndedTask {
	readonly task: FinishedTask;
	readonly end: TaskEnd;
}

/**
 * Runs one task from beginning to end: identifies it, runs it (only once if asked for), stores its result, and reports
 * to log and metrics. Throws `InvalidInput` for what the user has to fix; any other error escalates the task to a
 * human.
 */
export async function runTask(order: TaskOrder, steps: readonly Step[], ports: TaskPorts): Promise<EndedTask> {
	const { store } = order;
	const breakers = store?.breakers ?? ports.breakers;
	watchCircuits(ports.metrics, steps, breakers);
	const { task, observer, ended } = begin(order, steps, ports);

	let outcome: Outcome | undefined;
	const run = async () => {
		const { deadline } = task;
		const execution = order.origin.executionId;
		outcome = await runChain({ ...order, steps, execution, deadline }, { ...ports, breakers, observe: observer.chain });
		order.callsAreOver(outcome);
		return outcome;
	};
	return ended(
		await runRemembered({ ...task, firstStepPrice: priceOf(steps[0]), run }, store).catch(async (error: unknown) => {
			if (error instanceof InvalidInput) throw error;
			const known = outcome ?? withoutACall(defectWords(error));
			const again = { ...task, firstStepPrice: () => null, run: async () => await Promise.resolve(known) };
			const { end } = await runRemembered(again, undefined);
			return { end, warnings: [`Nothing of this task is kept in the task store: ${defectWords(error)}`] };
		}),
	);
}

/** Escalates a task to a human without calling a model. `why` completes "No provider could be tried: …". */
export async function handOver(
	order: TaskOrder,
	steps: readonly NamedProvider[],
	why: string,
	ports: TaskPorts,
): Promise<EndedTask> {
	const { task, ended } = begin(order, steps, ports);
	const { memory } = task.parameters;
	const parameters = { ...task.parameters, memory: memory.kind === 'store' ? { ...memory, once: false } : memory };
	const run = async () => await Promise.resolve(withoutACall(why));
	return ended(await runRemembered({ ...task, parameters, firstStepPrice: () => null, run }, order.store));
}

/** Creates the task of an order, and its observer. */
function begin(order: TaskOrder, steps: readonly NamedProvider[], { clock, metrics }: TaskPorts) {
	const { content, origin, parameters, index, context, includeInput, whenAllFail, deadlineMs, cancel } = order;
	const startedAt = clock.now();
	const { id: ownId, memory } = parameters;
	const once = memory.kind === 'store' && memory.once;
	const identity = identify({ content, ownId, origin, ...(!once && { itemIndex: index }) });
	const observer = observeTask(order.logOf(identity.taskId), metrics);
	const task: Omit<RememberedTask, 'run' | 'firstStepPrice'> = {
		identity,
		parameters,
		content,
		steps,
		context,
		includeInput,
		whenAllFail,
		startedAt,
		deadline: startedAt + deadlineMs,
		cancel,
		clock,
	};
	return {
		task,
		observer,
		ended({ end, warnings }: RememberedEnd): EndedTask {
			const latencyMs = Math.round(clock.now() - startedAt);
			const finished: FinishedTask = {
				taskId: identity.taskId,
				content: transcriptOf(content),
				origin,
				latencyMs,
				warnings,
			};
			observer.ended(finished, end);
			return { task: finished, end };
		},
	};
}

function watchCircuits(metrics: Metrics | undefined, steps: readonly Step[], breakers: CircuitBreakers): void {
	for (const { provider, settings, target } of steps)
		metrics?.watch({ provider, model: settings.model, target, phase: () => breakers.stateOf(target).kind });
}

/**
 * Prices tokens at a step's model. `specialRate` and `billedUsd` are left out: they apply to the vendor that answered.
 */
function priceOf(step: Step | undefined): RememberedTask['firstStepPrice'] {
	return ({ specialRate: _, billedUsd: __, ...tokens }) => step?.price(tokens, step.settings.model) ?? null;
}

function withoutACall(why: string): Outcome {
	const reasonCode = 'no_provider_available';
	return { kind: 'escalated', reasonCode, reason: `${openings[reasonCode]}: ${why}`, attempts: [], warnings: [] };
}
