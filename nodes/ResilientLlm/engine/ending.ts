import type { Completion } from './completion';
import { explain } from './escalation-reason';
import type { Outcome, ReasonCode } from './outcome';
import type { Run } from './run';

/** Ends the task with an escalation to a human. `draft`: the best answer so far, if there is one. */
export function escalated(run: Run, code: ReasonCode, draft: Completion | undefined): Outcome {
	const { attempts, warnings } = run.trail;
	const reasonCode = namedByRule(run, code);
	return {
		kind: 'escalated',
		reasonCode,
		reason: explain(reasonCode, attempts, run.task.steps),
		attempts,
		warnings,
		...(draft !== undefined && { draft }),
	};
}

export function cancelled({ trail: { attempts, warnings } }: Run): Outcome {
	return { kind: 'cancelled', attempts, warnings };
}

function namedByRule({ task, clock }: Run, code: ReasonCode): ReasonCode {
	if (code === 'human_review_required') return code;
	if (clock.now() >= task.deadline) return 'deadline_exceeded';
	return task.confidence === 'high' ? 'high_confidence_required' : code;
}
