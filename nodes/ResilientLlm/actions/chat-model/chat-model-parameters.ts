import type { OutputFormat } from '../../engine/conversation';
import type { RetryPolicy } from '../../engine/task';
import type { TaskParameters } from '../../tasks/task-parameters';
import { InvalidInput } from '../../tasks/invalid-input';
import { readChoice, readNumber, readRecord } from '../input/field-reader';
import { readRetryPolicy } from '../input/retry-policy';
import { readSteps, type StepParameters } from '../input/step-parameters';
import { readTaskParameters } from '../input/task-parameters';

/** The node's validated parameters for one turn, that is one call of the chat model by an agent. */
export interface ChatModelParameters {
	readonly steps: readonly StepParameters[];
	readonly whenAllFail: 'error' | 'review';
	/** `live`: text is streamed as it arrives, before the answer can be checked. `whole`: only after the check. */
	readonly answerDelivery: 'whole' | 'live';
	readonly output: OutputFormat;
	readonly deadlineMs: number;
	readonly retryPolicy: RetryPolicy;
	readonly task: TaskParameters;
}

/**
 * Reads and validates the parameters. `get` returns a parameter's value by name. Throws `InvalidInput` for the first
 * invalid one.
 */
export function readChatModelParameters(get: (name: string) => unknown): ChatModelParameters {
	const options = readRecord(get('options'));
	const whenAllFail = readChoice(get('whenAllFail') ?? 'error', 'When All Models Fail', ['error', 'review']);
	const task = readTaskParameters(get, options);
	if (whenAllFail === 'review' && task.memory.kind === 'none') {
		throw new InvalidInput(
			'Ask a Human, Then Fail needs a task store, where the review is kept',
			'Choose a Task Store other than None, or Fail With an Error.',
		);
	}
	return {
		steps: readSteps(get('providerOrder.step')),
		whenAllFail,
		answerDelivery: readChoice(get('answerDelivery') ?? 'whole', 'Answer Delivery', ['whole', 'live']),
		output: { kind: readChoice(options.responseFormat ?? 'text', 'Response Format', ['text', 'json']) },
		deadlineMs: readNumber(options.deadlineSeconds ?? 300, 'Deadline (Seconds)', { min: 0.1, max: 86_400 }) * 1000,
		retryPolicy: readRetryPolicy(options),
		task,
	};
}
