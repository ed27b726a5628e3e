import type { Behaviour } from '../providers/fault-server';
import { vendors, type Vendor } from '../providers/vendors';
import { anyFault, faultNames, faultOf, isHeavy, isSlow, type Fault, type FaultName } from './http-faults';
import { between, seededRandom } from './seeded-random';

export interface PlannedStep {
	readonly vendor: Vendor;
	readonly maxAttempts: number;
	readonly attemptTimeoutMs: number;
	readonly contextWindow: number | undefined;
	/** What its calls meet, in order. */
	readonly faults: readonly Fault[];
}

/** All that chance decides about a task. Only how long things take is left to the day. */
export interface PlannedTask {
	/** Pause before it begins, so that the CPU is not the one thing that all tasks wait for. */
	readonly startAfterMs: number;
	readonly steps: readonly PlannedStep[];
	readonly deadlineMs: number;
	readonly cancelAfterMs: number | undefined;
}

const seed = 20_261_120;

/** Redirects lead here. Nobody serves this; the test does, to see that nobody asks. */
export interface PlanParameters {
	readonly thief: string;
}

/** The same for the same task, in whichever process it is made. */
export function plannedTask(index: number, { thief }: PlanParameters): PlannedTask {
	const random = seededRandom(seed + index);
	const mood = random();
	// Some tasks meet silence only, some are asked to wait again and again, and cancelled meanwhile.
	const isBlackHole = mood < 0.2;
	const isPutOff = mood > 0.92;
	const order = vendors.map((vendor) => ({ vendor, place: random() })).sort((left, right) => left.place - right.place);
	return {
		startAfterMs: between(random, 0, 200),
		steps: order.map(({ vendor }, place) => {
			const maxAttempts = isPutOff ? 4 : between(random, 1, 4);
			return {
				vendor,
				maxAttempts,
				attemptTimeoutMs: between(random, 80, 250),
				contextWindow: random() < 0.3 ? between(random, 4000, 100_000) : undefined,
				faults: Array.from({ length: maxAttempts }, (_, call) => {
					if (isBlackHole) return anyFault(random, vendor, thief, isSlow);
					if (isPutOff) return faultOf('short Retry-After', random, vendor, thief);
					return place === 0 && call === 0
						? faultOf(firstFault(index), random, vendor, thief)
						: anyFault(random, vendor, thief);
				}),
			};
		}),
		deadlineMs: isBlackHole ? between(random, 200, 500) : isPutOff ? 3000 : between(random, 300, 1600),
		cancelAfterMs: isPutOff || random() < 0.07 ? between(random, 0, 300) : undefined,
	};
}

/** Every kind is met for sure, the heavy ones by a few tasks only. */
function firstFault(index: number): FaultName {
	const heavy = faultNames.filter(isHeavy);
	const light = faultNames.filter((name) => !isHeavy(name));
	return index % 30 === 0 ? heavy[(index / 30) % heavy.length]! : light[index % light.length]!;
}

export function pathOfCall(index: number, place: number, call: number): string {
	return `/task-${index}/step-${place}/call-${call}`;
}

/** For the process that serves the faults. */
export function behaviours(parameters: PlanParameters): (path: string) => Behaviour | undefined {
	const known = new Map<number, PlannedTask>();
	return (path) => {
		const [, index, place, call] = (/^\/task-(\d+)\/step-(\d+)\/call-(\d+)\//.exec(path) ?? []).map(Number);
		if (index === undefined || place === undefined || call === undefined) return undefined;
		const task = known.get(index) ?? plannedTask(index, parameters);
		known.set(index, task);
		return task.steps[place]?.faults[call]?.behaviour;
	};
}
