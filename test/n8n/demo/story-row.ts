/** What one item came out as, in a demo workflow. */
export interface StoryRow {
	readonly output: 'Success' | 'Escalate';
	readonly tier: number;
	readonly provider: string;
	readonly model: string;
	readonly attempts: number;
	readonly waitMs: number;
	readonly costUsd: number | null;
	readonly reason: string;
}

interface ResilientItem {
	readonly tier: number;
	readonly provider?: string;
	readonly model?: string;
	readonly reason?: string;
	readonly costUsd: number | null;
	readonly attempts: readonly {
		readonly outcome: string;
		readonly waitMs: number;
		readonly provider: string;
		readonly reason?: string;
		readonly httpStatus?: number;
	}[];
}

interface ExecutionRun {
	readonly data: {
		readonly resultData: {
			readonly runData: Readonly<
				Record<
					string,
					readonly {
						readonly data?: { readonly main: readonly (readonly { readonly json: ResilientItem }[] | null)[] };
					}[]
				>
			>;
		};
	};
}

const nodeName = 'Resilient LLM';

/** Reads the rows from what `n8n execute --rawOutput` prints: the items on the node's two outputs. */
export function storyRows(printed: string): StoryRow[] {
	const run = JSON.parse(printedJson(printed)) as ExecutionRun;
	const outputs = run.data.resultData.runData[nodeName]?.[0]?.data?.main;
	if (!outputs) throw new Error(`The execution holds no data of the node "${nodeName}"`);
	const [success, escalate] = outputs;
	return [
		...(success ?? []).map(({ json }) => row('Success', json)),
		...(escalate ?? []).map(({ json }) => row('Escalate', json)),
	];
}

/**
 * n8n prints the execution through its logger, so other lines may stand around it: the task runner registers when it
 * likes.
 */
function printedJson(printed: string): string {
	const lines = printed.split('\n');
	const first = lines.indexOf('{');
	return lines.slice(first, lines.indexOf('}', first) + 1).join('\n');
}

function row(output: StoryRow['output'], item: ResilientItem): StoryRow {
	return {
		output,
		tier: item.tier,
		provider: item.provider ?? '',
		model: item.model ?? '',
		attempts: item.attempts.filter((attempt) => attempt.outcome !== 'skipped').length,
		waitMs: item.attempts.reduce((sum, attempt) => sum + attempt.waitMs, 0),
		costUsd: item.costUsd,
		reason: item.reason ?? failuresOnTheWay(item),
	};
}

/** Escalate items say why themselves; for an answer, what went wrong before it. */
function failuresOnTheWay(item: ResilientItem): string {
	const counts = new Map<string, number>();
	for (const attempt of item.attempts) {
		if (attempt.outcome === 'answered') continue;
		const status = attempt.httpStatus === undefined ? '' : ` (${attempt.httpStatus})`;
		const failure = `${attempt.provider} ${attempt.reason ?? attempt.outcome}${status}`;
		counts.set(failure, (counts.get(failure) ?? 0) + 1);
	}
	return [...counts].map(([failure, count]) => (count > 1 ? `${failure} × ${count}` : failure)).join(', ');
}
