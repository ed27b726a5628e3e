import { storeKinds, type TaskParameters } from '../../tasks/task-parameters';
import { readBoolean, readChoice, readNumber, readText } from './field-reader';
import { InvalidInput } from '../../tasks/invalid-input';

const hourMs = 3_600_000;

/** One year. A larger number is assumed to be a mistake. */
const maxHours = 8760;

const maxIdLength = 500;

export function readTaskParameters(
	get: (name: string) => unknown,
	options: Readonly<Record<string, unknown>>,
): TaskParameters {
	const reviewDueHours = readNumber(options.reviewDueHours ?? 0, 'Review Due (Hours)', { min: 0, max: maxHours });
	const reviewPageUrl = readPageUrl(options.reviewPageUrl);
	return {
		id: readTaskId(get('taskId')),
		memory: readMemory(get),
		resultTtlMs:
			readNumber(options.resultTtlHours ?? 24, 'Result Time to Live (Hours)', { min: 0.01, max: maxHours }) * hourMs,
		reviewDueMs: reviewDueHours === 0 ? null : reviewDueHours * hourMs,
		...(reviewPageUrl !== undefined && { reviewPageUrl }),
	};
}

function readTaskId(value: unknown): string {
	const id = readText(value, 'Task ID').trim();
	if (id.length > maxIdLength) {
		throw new InvalidInput(
			`The task ID is ${id.length} characters long`,
			`Use at most ${maxIdLength} characters, such as the ID of a ticket or an order.`,
		);
	}
	return id;
}

function readMemory(get: (name: string) => unknown): TaskParameters['memory'] {
	const store = readChoice(get('taskStore') ?? 'embedded', 'Task Store', storeKinds);
	const once = readBoolean(get('preventDuplicates') ?? false, 'Process Each Task Only Once');
	if (store !== 'none') return { kind: 'store', store, once };
	if (once)
		throw new InvalidInput(
			'Process Each Task Only Once needs a task store',
			'Choose a Task Store other than None, or switch it off.',
		);
	return { kind: 'none' };
}

function readPageUrl(value: unknown): string | undefined {
	const url = readText(value, 'Review Page URL').trim();
	if (url === '') return undefined;
	if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
	throw new InvalidInput(
		'The Review Page URL is not an http(s) address',
		'Copy the Production URL of a Resilient LLM Review Trigger, or leave it empty.',
	);
}
