import type { INode, NodeExecutionHint } from 'n8n-workflow';

import type { Attempt } from '../../engine/attempt';
import { failureTable } from '../../engine/failure-table';
import type { Step } from '../../engine/task';
import type { AnswerFacts } from '../../tasks/answer-facts';

/** A hint saying which model answered and which ones failed before. Undefined if the first call was answered. */
export function turnHint(answer: AnswerFacts, steps: readonly Step[]): NodeExecutionHint | undefined {
	const failed = answer.attempts.filter(({ outcome }) => outcome !== 'answered');
	if (failed.length === 0) return undefined;
	const calls = answer.attempts.filter(({ outcome }) => outcome !== 'skipped').length;
	const cost = answer.costUsd === null ? 'cost unknown' : `$${Number(answer.costUsd.toPrecision(2))}`;
	const answeredBy = answer.attempts.find(({ outcome }) => outcome === 'answered');
	const who = answeredBy === undefined ? answer.model : nameOf(answeredBy, steps);
	const troubles = new Set(failed.map((attempt) => troubleOf(attempt, steps)));
	const message = `Answered by ${who} after ${[...troubles].join(', ')}, ${calls} ${calls === 1 ? 'call' : 'calls'}, ${cost}`;
	return { type: 'warning', location: 'outputPane', message };
}

function troubleOf(attempt: Attempt, steps: readonly Step[]): string {
	if (attempt.outcome === 'answered') return '';
	const status = attempt.httpStatus === undefined ? '' : ` (${attempt.httpStatus})`;
	return `${nameOf(attempt, steps)} ${failureTable[attempt.reason].phrase}${status}`;
}

function nameOf({ step, provider, model }: Attempt, steps: readonly Step[]): string {
	return `${steps[step - 1]?.label ?? provider} ${model}`;
}

/** The agent or chain above this node. n8n's types do not declare this property. */
interface WithParent {
	readonly parentNode?: INode;
}

/** Hints about settings of the agent that work against the provider order, such as its own retries. */
export function parentHints(context: object): readonly NodeExecutionHint[] {
	const { parentNode } = context as WithParent;
	if (parentNode === undefined) return [];
	const hint = (message: string): NodeExecutionHint => ({ type: 'warning', location: 'outputPane', message });
	const { name, retryOnFail, parameters } = parentNode;
	return [
		...(retryOnFail === true
			? [
					hint(
						`"Retry On Fail" is switched on in the settings of "${name}". It runs all items and all tools again, and every answer is paid for again. Switch it off: this model retries by itself.`,
					),
				]
			: []),
		...(parameters?.needsFallback === true
			? [
					hint(
						`"Enable Fallback Model" is switched on in "${name}". While it streams, n8n glues a broken answer and the fallback's together. Switch it off and put the fallback into this model's Provider Order.`,
					),
				]
			: []),
	];
}
