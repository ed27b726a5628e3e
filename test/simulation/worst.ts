import type { Cell } from './cells';
import type { Played } from './play';

/** A rule's worst value in a group of cells, and how many of them miss the rule. */
export interface Worst {
	readonly value: number;
	readonly missed: number;
}

/** What came of all cells with the same limit, used by others in the same way. */
export interface Group {
	readonly limitName: string;
	readonly usage: string;
	/** Whether the server says when it takes calls again. `years`: it does not mean it. */
	readonly word: 'given' | 'not given' | 'years';
	readonly cells: number;
	readonly turnedAway: number;
	/** Of the cells whose batch fits the items' time; the other rules are only about these. */
	readonly fitting: number;
	readonly refused: Worst;
	readonly timeRatio: Worst;
	/** The same in seconds beyond the ideal: the worst of the cells that miss the rule, 0 if none does. */
	readonly lateSeconds: number;
	readonly waitRatio: Worst;
	/** Of the items that could be answered, in percent. */
	readonly leastAnswered: number;
}

/** Refused calls per 100 items, times the ideal time, times the turn. */
export const rules = { refused: 15, timeRatio: 1.2, waitRatio: 2 } as const;

interface PlayedCell {
	readonly cell: Cell;
	readonly played: Played;
}

export function groupsOf(cells: readonly PlayedCell[]): readonly Group[] {
	const groups = new Map<string, PlayedCell[]>();
	for (const one of cells) {
		const key = JSON.stringify(headOf(one.cell));
		groups.set(key, [...(groups.get(key) ?? []), one]);
	}
	return [...groups.values()].map(groupOf);
}

export function headOf({ limitName, usage, retryAfter }: Cell): Pick<Group, 'limitName' | 'usage' | 'word'> {
	const isGiven = retryAfter === 'exact' || retryAfter === 'rounded up';
	return { limitName, usage, word: isGiven ? 'given' : retryAfter === '1e9 s' ? 'years' : 'not given' };
}

function groupOf(cells: readonly PlayedCell[]): Group {
	const fitting = cells.filter(({ played }) => played.fits).map(({ played }) => played);
	const late = fitting.filter(({ time }) => time.ratio > rules.timeRatio).map(({ time }) => time.lateMs / 1000);
	return {
		...headOf(cells[0]!.cell),
		cells: cells.length,
		turnedAway: cells.reduce((sum, { played }) => sum + played.turnedAway, 0),
		fitting: fitting.length,
		refused: worstOf(
			fitting.map(({ refusedShare }) => refusedShare),
			rules.refused,
		),
		timeRatio: worstOf(
			fitting.map(({ time }) => time.ratio),
			rules.timeRatio,
		),
		lateSeconds: Math.max(0, ...late),
		waitRatio: worstOf(
			fitting.map(({ waitRatio }) => waitRatio),
			rules.waitRatio,
		),
		leastAnswered: Math.min(100, ...fitting.map(({ answered, items }) => (100 * answered) / items)),
	};
}

function worstOf(values: readonly number[], atMost: number): Worst {
	return { value: Math.max(0, ...values), missed: values.filter((value) => value > atMost).length };
}
