/** What each output field holds, in the README's words. A test compares the names with real items. */
export const successFields: Readonly<Record<string, string>> = {
	output: 'The answer: text, or the parsed value when JSON was asked for',
	taskId: 'Names the task',
	tier: '1: the first model answered; 2: a later one',
	degraded: '`true` when a later model answered',
	provider: 'Who answered: `anthropic`, `openAi`, `gemini`, `ollama`, `openAiCompatible`',
	model: 'The model that answered, as the provider names it',
	finishReason: '`stop`, or `length` for a cut answer that you chose to accept',
	truncated: '`true` for such a cut answer, otherwise absent',
	usage:
		'`inputTokens`, `outputTokens`, `cachedInputTokens`, `reasoningTokens` of the answer; `null` when not reported',
	costUsd: 'USD of all attempts together; `null` when the price of one is unknown',
	latencyMs: 'From the start of the task to its answer, pauses included',
	replayed: '`true` when a stored answer was used and no model was called',
	attempts: 'Every call, and every model passed over, in order',
	warnings: 'What was changed on the way, in words',
	input: 'The input item, when *Include Input* is on',
};

/** What the item of a human's decision holds besides the fields of a Success item. */
export const decisionFields: Readonly<Record<string, string>> = {
	decision: '`approve`, `edit`, `answer` or `reject`; rejected, `output` is `null`',
	reviewer: 'Who decided, as they named themselves',
	comment: 'What else they had to say',
	respondedAt: 'When; ISO 8601, UTC',
	decisionId: 'The same each time the decision arrives',
};

export const attemptFields: Readonly<Record<string, string>> = {
	attempt: 'Counts over the whole order, from 1',
	step: 'Place in the provider order, from 1',
	stepAttempt: 'Counts within the step, from 1; 0 when it was skipped',
	provider: 'As in the provider order',
	model: 'The model that was asked for',
	outcome: '`answered`, `failed` or `skipped`',
	reason: 'Why it failed or was skipped: see the failure table',
	httpStatus: 'When a reply came',
	message: 'One line, without secrets, prompts or answers',
	requestId: 'The provider’s own, when it gave one',
	startedAt: 'ISO 8601, UTC',
	latencyMs: 'Of this call',
	waitMs: 'The pause before this call',
	usage:
		'Tokens, when reported; also `cacheWriteTokens`, `hourLongCacheWriteTokens`, `specialRate` and `billedUsd` where the reply says so',
	costUsd: 'USD; 0 for an error that cost nothing; `null` when unknown, as for a call that timed out',
};

export const escalateFields: Readonly<Record<string, string>> = {
	taskId: 'Names the task',
	status: '`pending_human_review`',
	tier: '3',
	reasonCode: 'Why, as a code: see below',
	reason: 'Why, in one sentence that names who failed how',
	prompt: 'The whole prompt',
	preview: 'Its first 200 characters',
	systemMessage: 'The system message',
	draft: 'The best answer there was, though it failed a check or needs a review; or `null`',
	context: 'The input item',
	attempts: 'As on Success',
	costUsd: 'USD of all attempts together, or `null`',
	latencyMs: 'From the start of the task to its escalation',
	failedAt: 'ISO 8601, UTC',
	dueAt: 'When a human should have decided, or `null`',
	reviewUrl: 'Link to the review page, or `null`',
	warnings: 'As on Success; also what the task store could not keep: then there is no link and no due time',
	executionId: 'Of this execution',
	workflowId: 'Of this workflow',
	workflowName: 'Of this workflow',
	message:
		'`title`, `text`, `markdown` and `slackBlocks`, ready to drop into a ticket, an email, a Slack message; no text in them commands anything there',
};

/**
 * Rates and shares run from 0 to 1, money is in USD, latencies are in ms; null stands for “nothing to say”, never for
 * 0.
 */
export const reportFields: Readonly<Record<string, string>> = {
	headline: 'How things are, in plain words: “All well: …”, “Look here: …”',
	alert: '`true` when a threshold was passed',
	alertReasons: 'What passed it, a few sentences each: how much, which limit, how it was before, since when',
	changes: 'What is new or changed notably since the window before, a sentence each',
	health:
		'`alert`, `worse` (than before, within the limits), `well`, `unclear` (too few tasks to judge) or `silent` (no tasks)',
	window: '`hours`, `from`, `to` (ISO 8601, UTC; whole minutes) and the `previous` window it is compared with',
	workflow: '`id` and `name`, or `null` for all workflows',
	totals:
		'`tasks`; `tier1`, `tier2`, `tier3`, each with `tasks`, `share`, `latencyMs` (`p50`, `p95`, `p99`), `costUsd`, `unpricedTasks`; `fallbackRate`, `escalationRate`; `latencyMs` of all answers; `attempts` (`calls`, `answered`, `failed`, `skipped`, `failureRate`); `costUsd`, `unpricedLines` (calls of unknown cost, not in it), `costPerAnsweredTaskUsd`; `fallbacks` (`tasks`, `comparedTasks`, `extraCostUsd` against the first model)',
	trend:
		'`tasks`, `fallbackRate`, `escalationRate`, `failureRate`, `p95LatencyMs`, `costUsd`, each with `now`, `before`, `change`, `changePercent` and a `sentence` where it changed notably',
	failures: 'Failed calls by `reason` and `httpStatus`, with `meaning`, `count` and `models`, most frequent first',
	skipped: 'The same for models passed over without a call, such as `circuit_open`',
	escalations: 'Why tasks went to a human: `reasonCode`, `meaning`, `count`',
	groupBy: 'As chosen',
	groups:
		'Each with a `key`. By model or provider: `calls`, `answered`, `failed`, `skipped`, `failureRate`, `latencyMs` of answered calls, `costUsd`, `unpricedCalls`. By workflow or node: `tasks`, `tier1`, `tier2`, `tier3`, `fallbackRate`, `escalationRate`, `latencyMs` of answers, `costUsd`, `unpricedCalls`',
	series:
		'The window in up to 24 slices: `from`, `to`, `tasks`, `tier1`, `tier2`, `tier3`, `failedCalls`, `costUsd`, `unpricedCalls`',
	thresholds: 'As chosen',
	markdown: 'The report for a section of Slack (under 3,000 characters), readable as plain text, too',
	html: 'The page, when it is asked for as text',
};
